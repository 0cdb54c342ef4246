// The answer object and what belongs to it: sources, citations, evidence, checks of a saved answer.
import Base
import KnowledgeBase
import Models
import Retrieval

extension Shapes {
  static func answer(_ answer: Answer, conversation: String? = nil) -> JSON {
    var shape: JSONObject = [
      "question": .string(answer.question), "answer": .string(answer.text),
      "sources": .array(answer.sources.map(source)),
      "citations": .array(answer.citations.map { citation($0, of: answer.sources) }),
      "refused": .bool(answer.isRefused), "warnings": JSON(answer.warnings), "model": .string(answer.model),
      "cached": .bool(answer.isCached), "cost": .number(answer.cost),
      "usage": [
        "input_tokens": .integer(answer.usage.inputTokens), "output_tokens": .integer(answer.usage.outputTokens),
      ],
      "evidence": evidence(answer.evidence), "disagreements": .array(answer.disagreements.map(disagreement)),
      "remarks": .array(
        answer.remarks.map {
          [
            "sentence": .string($0.sentence), "fault": .string($0.fault.rawValue),
            "treatment": .string($0.treatment.rawValue),
          ]
        }),
      "stages_ms": stages(answer.stages), "elapsed_ms": .number(rounded(answer.elapsedMs)), "basis": answer.basis,
      "receipt": .string(answer.receipt),
    ]
    if let rewritten = answer.rewrittenQuestion { shape["rewritten_question"] = .string(rewritten) }
    if let conversation { shape["conversation_id"] = .string(conversation) }
    return .object(shape)
  }

  static func stages(_ stages: [StageTime]) -> JSON {
    var members = JSONObject()
    for stage in stages { members[stage.stage] = .number(rounded(stage.ms)) }
    return .object(members)
  }

  static func evidence(_ evidence: AnswerEvidence) -> JSON {
    [
      "unit_similarity": .number(rounded(evidence.unitSimilarity)),
      "passage_similarity": .number(rounded(evidence.passageSimilarity)),
      "unit_coverage": .number(rounded(evidence.unitCoverage)),
      "passage_coverage": .number(rounded(evidence.passageCoverage)), "kind": .number(rounded(evidence.kind)),
      "is_of_the_kind_asked": .bool(evidence.kind >= 0.5),
      "anchors_missing": .number(rounded(evidence.anchorsMissing)),
      "targets_missing": .number(rounded(evidence.targetsMissing)),
      "rarest_missing": .number(rounded(evidence.rarestMissing)),
      "words_met": .number(rounded(evidence.wordsMet)), "least_met": .number(rounded(evidence.leastMet)),
      "words_met_anywhere": .number(rounded(evidence.wordsMetAnywhere)),
      "rarest_missing_in_unit": .number(rounded(evidence.rarestMissingInUnit)),
      "margin": .number(rounded(evidence.margin)),
      "proximity": .number(rounded(evidence.proximity)), "states_another": .number(rounded(evidence.statesAnother)),
      "confidence": .number(rounded(evidence.confidence)),
    ]
  }

  static func source(_ source: Source) -> JSON {
    let passage = source.passage
    return [
      "id": .integer(source.id), "document_id": .string(passage.documentID), "filename": .string(passage.filename),
      "version": .integer(passage.version), "sha256": .string(passage.sha256), "page": JSON(passage.page),
      "heading": .string(passage.heading), "chunk": .integer(passage.chunk),
      "relevance": .number(rounded(passage.hit.score)), "start": .integer(passage.start),
      "end": .integer(passage.end), "reading": reading(passage), "text": .string(passage.text),
    ]
  }

  /// The larger range around a passage; `GET /documents/{id}/text?start=&end=` gives its text.
  static func reading(_ passage: Passage) -> JSON {
    ["start": .integer(passage.reading.lowerBound), "end": .integer(passage.reading.upperBound)]
  }

  static func citation(_ citation: Citation, of sources: [Source]) -> JSON {
    let passage = sources.first { $0.id == citation.source }?.passage
    return [
      "source": .integer(citation.source), "answer_start": .integer(citation.answerRange.lowerBound),
      "answer_end": .integer(citation.answerRange.upperBound), "quote": .string(citation.quote),
      "start": .integer(citation.start), "end": .integer(citation.end), "support": .number(rounded(citation.support)),
      "document_id": JSON(passage?.documentID), "filename": JSON(passage?.filename), "version": JSON(passage?.version),
      "sha256": JSON(passage?.sha256), "page": JSON(citation.page),
    ]
  }

  private static func disagreement(_ disagreement: Disagreement) -> JSON {
    .array(
      disagreement.statements.map {
        [
          "source": .integer($0.source), "filename": .string($0.filename), "date": .string($0.dated),
          "values": JSON($0.values), "quote": .string($0.quote), "start": .integer($0.start), "end": .integer($0.end),
        ]
      })
  }

  static func checks(_ checks: [CitationCheck]) -> JSON {
    [
      "valid": .bool(checks.allSatisfy(\.isValid)), "citations_checked": .integer(checks.count),
      "citations": .array(
        checks.map {
          [
            "source": .integer($0.source), "filename": .string($0.filename), "status": .string($0.status.rawValue),
            "valid": .bool($0.isValid), "detail": .string($0.detail), "start": JSON($0.start), "end": JSON($0.end),
            "quote": .string($0.quote),
          ]
        }),
    ]
  }

  static func replay(_ replay: Replay) -> JSON {
    [
      "same": .bool(replay.isSame), "changed": JSON(replay.changed), "difference": JSON(replay.difference),
      "answer": answer(replay.answer),
    ]
  }
}
