// A report held against an earlier one, and as a page.
import Base
import Testing

@testable import App

@Suite struct EvaluationBaselineTests {
  private func report(recall: Double, falseRefusals: Double, latency: Double = 10) -> JSON {
    [
      "questions": 5, "recall": ["1": .number(recall)], "mrr10": 0.5, "answer": ["contains": 0.75],
      "refusal": ["true_refusals": 1, "false_refusals": .number(falseRefusals)],
      "latency_ms": ["p50": .number(latency)],
    ]
  }

  @Test func whatFellIsNamedAndWhatRoseIsNot() {
    let before = report(recall: 0.9, falseRefusals: 0.1)
    let falls = EvaluationBaseline.falls(
      from: before, to: report(recall: 0.8, falseRefusals: 0.05, latency: 500), allowed: 0.02)
    #expect(falls.map(\.figure) == ["recall.1"])
    #expect(EvaluationBaseline.falls(from: before, to: report(recall: 0.89, falseRefusals: 0.1), allowed: 0.02).isEmpty)
  }

  @Test func moreFalseRefusalsAreAFall() {
    let falls = EvaluationBaseline.falls(
      from: report(recall: 0.9, falseRefusals: 0.1), to: report(recall: 0.9, falseRefusals: 0.2), allowed: 0.02)
    #expect(falls.map(\.figure) == ["refusal.false_refusals"])
  }

  @Test func aFigureThatIsGoneHasFallen() {
    let falls = EvaluationBaseline.falls(
      from: report(recall: 0.9, falseRefusals: 0.1), to: ["recall": ["1": 0.9]], allowed: 0.02)
    #expect(falls.contains { $0.figure == "mrr10" })
  }

  @Test func pagesSayTheFigures() {
    let report = report(recall: 0.9, falseRefusals: 0.1)
    #expect(EvaluationPage.markdown(report).contains("| recall at 1 | 0.9 |"))
    let page = EvaluationPage.html(report)
    #expect(page.contains("<meter") && page.contains("value=\"0.9\"") && !page.contains("http"))
  }

  /// Fewer questions judged is no fall of a figure, but a figure that nobody could judge is one.
  @Test func failuresAreTold() {
    func report(faithfulness: JSON, over: Int, failed: Int) -> JSON {
      [
        "questions": 5, "judged": ["by": "model", "faithfulness": faithfulness, "over": ["faithfulness": JSON(over)]],
        "failures": [
          "count": JSON(failed), "questions_not_answered": 1,
          "kinds": [["step": "judge", "what": "<m> gave nothing", "count": JSON(failed), "questions": ["q7"]]],
        ],
      ]
    }
    let (before, now) = (report(faithfulness: 0.9, over: 5, failed: 0), report(faithfulness: 0.9, over: 3, failed: 2))
    #expect(EvaluationBaseline.falls(from: before, to: now, allowed: 0.02).isEmpty)
    let gone = report(faithfulness: .null, over: 0, failed: 5)
    #expect(EvaluationBaseline.falls(from: before, to: gone, allowed: 0.02).map(\.figure) == ["judged.faithfulness"])
    let text = EvaluationPage.markdown(now)
    #expect(text.contains("5 questions, 1 of them not answered.") && text.contains("| faithfulness, over 3 | 0.9 |"))
    #expect(text.contains("- 2 × judge: <m> gave nothing (q7)"))
    #expect(EvaluationPage.html(now).contains("<li>2 × judge: &lt;m&gt; gave nothing (q7)</li>"))
  }
}
