// The report on held-back products: its chart, and alerts that depend on nothing but the seed.
import Base
import Foundation
import Testing

@testable import DealPricing

@Suite struct PriceReportTests {
  @Test func theChartColoursByDistance() {
    let svg = PriceChart.svg([(110, 100), (135, 100), (300, 100), (0, 100)], tolerance: 1)
    #expect(svg.components(separatedBy: "#2e9e4f").count == 2)
    #expect(svg.components(separatedBy: "#e8890c").count == 2)
    #expect(svg.components(separatedBy: "#d6312b").count == 3)
    #expect(svg.contains("4 products, 25.0% near") && svg.hasSuffix("</svg>\n"))
    #expect(!svg.contains("nan") && !svg.contains("inf"))
    #expect(PriceChart.svg([], tolerance: 1).contains("0 products"))
  }

  @Test func alertsAreRightWhereModelsKnow() throws {
    let models = try #require(PriceModelTests.models)
    let report = PriceReport(models, on: PriceModelTests.catalogue.products, threads: 2, tolerance: 0)
    let alerts = report.alerts(threshold: 5)
    #expect(alerts == report.alerts(threshold: 5))
    #expect(alerts.offers?.int == 2 * report.tested.count)
    // Offers at nine tenths of the price are no bargains here, and some are below the interval.
    #expect((alerts.precision?.double ?? 0) > 0.7)
    #expect((alerts.recall?.double ?? 0) > 0.5)
    #expect(report.alerts(threshold: 1e9).precision == .null)
    #expect(report.figures.products?.int == report.tested.count)
  }
}
