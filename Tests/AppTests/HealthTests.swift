// What the last minutes' requests say of the server's health.
import Testing

@testable import App

@Suite struct HealthTests {
  private func status(of statuses: [Int], ms: Double = 10) -> (HealthStatus, String) {
    let recent = statuses.map { status in
      Metrics.Recent(at: 0, ms: ms, isError: Metrics.isError(status), isRefused: Metrics.isRefusal(status))
    }
    let part = Health.traffic(recent, HealthThresholds()).0
    return (part.status, part.detail)
  }

  @Test func errorsMakeItWorse() {
    #expect(status(of: Array(repeating: 200, count: 100)).0 == .healthy)
    #expect(status(of: Array(repeating: 200, count: 90) + Array(repeating: 500, count: 10)).0 == .degraded)
    #expect(status(of: Array(repeating: 200, count: 30) + Array(repeating: 500, count: 70)).0 == .unhealthy)
    #expect(status(of: Array(repeating: 200, count: 100), ms: 9_000).0 == .degraded)
    #expect(status(of: [500, 500]).0 == .unknown)
  }

  /// Whoever restarts a server that is unhealthy must not restart one that is busy; nor do its own answers of 503 to
  /// those who ask for its health keep it so.
  @Test func refusingWhatIsTooMuchIsNoError() {
    let (health, detail) = status(of: Array(repeating: 200, count: 10) + Array(repeating: 503, count: 90))
    #expect(health == .degraded && detail.contains("refused"))
    #expect(status(of: Array(repeating: 200, count: 98) + Array(repeating: 429, count: 2)).0 == .healthy)
  }
}
