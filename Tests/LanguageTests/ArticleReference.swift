import DeskCore
import Foundation

@testable import Language

/// Article search as its definition reads, over strings, sets and dictionaries: what `ArticleIndex` computes must be the same, bit by bit.
struct ArticleReference {
  private let articles: [ArticleIndex.Article]
  private let questions: [(article: Int, terms: Set<UInt64>)]
  private let articlesOfTerm: [UInt64: Set<Int>]

  init(_ articles: [ArticleIndex.Article]) {
    self.articles = articles
    var questions: [(article: Int, terms: Set<UInt64>)] = []
    var articlesOfTerm: [UInt64: Set<Int>] = [:]
    for (number, article) in articles.enumerated() {
      for question in article.questions {
        let terms = Set(Self.clauses(of: question).clauses.flatMap { Self.terms(of: $0) })
        guard !terms.isEmpty else { continue }
        questions.append((number, terms))
        for term in terms { articlesOfTerm[term, default: []].insert(number) }
      }
    }
    self.questions = questions
    self.articlesOfTerm = articlesOfTerm
  }

  // MARK: Clauses and terms

  static func clauses(of text: String) -> (clauses: [String], isCut: Bool) {
    var clauses: [String] = []
    var isCut = false
    for line in text.split(whereSeparator: \.isNewline) {
      let folded = Normaliser().normalise(String(line))
      var matches: [PhraseMatcher.Match] = []
      MessageClauses.pleasantries.find(in: folded, into: &matches)
      var dropped = Set<Int>()
      for match in matches {
        let isClosing = match.phrase < MessageClauses.closings.count
        dropped.formUnion(match.range.lowerBound..<(isClosing ? folded.scalars.count : match.range.upperBound))
      }
      var clause = String.UnicodeScalarView()
      var hasContent = false
      func close() {
        defer { (clause, hasContent) = (String.UnicodeScalarView(), false) }
        guard hasContent else { return }
        if clauses.count == MessageClauses.limit {
          isCut = true
        } else {
          clauses.append(clause.split(separator: " ").map { String($0) }.joined(separator: " "))
        }
      }
      func isWord(_ place: Int) -> Bool {
        place < folded.kinds.count && folded.kinds[place] == ScalarKind.word.rawValue
      }
      for (place, value) in folded.scalars.enumerated() {
        guard let scalar = Unicode.Scalar(value) else { continue }
        if "!?;。！？；、…".unicodeScalars.contains(scalar)
          || ".,，:".unicodeScalars.contains(scalar) && !isWord(place + 1)
        {
          close()
        } else if dropped.contains(place) {
          clause.append(" ")
        } else {
          clause.append(scalar)
          hasContent = hasContent || folded.kinds[place] == ScalarKind.han.rawValue || isWord(place)
        }
      }
      close()
    }
    return (clauses, isCut)
  }

  private static func terms(of clause: String) -> Set<UInt64> {
    let particles = "的了吗呢啊呀哦嘛吧我你您请亲们么想要".unicodeScalars
    var stripped = String.UnicodeScalarView()
    for scalar in clause.unicodeScalars { stripped.append(particles.contains(scalar) ? " " : scalar) }
    var extractor = TermExtractor()
    return Set(extractor.terms(of: String(stripped)).map(\.0))
  }

  // MARK: Search

  func search(_ text: String) -> [ArticleIndex.Match] {
    let (scores, fits) = (scores(of: text), fits(text))
    var best = scores.indices.filter { scores[$0] > 0 }.sorted { (scores[$1], $0) < (scores[$0], $1) }
      .prefix(LanguageLimits.articles).map { $0 }
    if let answer = fits.indices.first(where: { fits[$0] > 0 && scores[$0] > 0 }), !best.contains(answer) {
      best[best.count - 1] = answer
    }
    return best.map {
      ArticleIndex.Match(identifier: articles[$0].identifier, score: scores[$0], coverage: fits[$0])
    }
  }

  private func scores(of text: String) -> [Float] {
    var extractor = TermExtractor()
    let counts = articles.map { article in
      article.passages.reduce(into: [UInt64: Float]()) { counts, passage in
        for (term, count) in extractor.terms(of: passage) { counts[term, default: 0] += count }
      }
    }
    let lengths = counts.map { $0.values.reduce(0, +) }
    let total = Float(articles.count)
    let meanLength = max(1, lengths.reduce(0, +) / max(1, total))
    var scores = [Float](repeating: 0, count: articles.count)
    for (term, _) in extractor.terms(of: text) {
      let holding = Float(counts.count { $0[term] != nil })
      let weight = logf(1 + (total - holding + 0.5) / (holding + 0.5))
      for (article, counts) in counts.enumerated() {
        guard let count = counts[term] else { continue }
        let length = lengths[article] / meanLength
        let damped =
          count + ArticleIndex.saturation * (1 - ArticleIndex.lengthPenalty + ArticleIndex.lengthPenalty * length)
        scores[article] += weight * count * (ArticleIndex.saturation + 1) / damped
      }
    }
    return scores
  }

  private func weight(of term: UInt64) -> Float {
    let share = QuestionTerms.functional.contains(term) ? QuestionIndex.functionalWeight : 1
    let total = Float(articles.count)
    guard let holding = articlesOfTerm[term].map({ Float($0.count) }) else {
      return logf(1 + (total + 0.5) / 0.5) * share
    }
    return share * logf(1 + (total - holding + 0.5) / (holding + 0.5))
  }

  private func fits(_ text: String) -> [Float] {
    var fits = [Float](repeating: 0, count: articles.count)
    let (clauses, isCut) = Self.clauses(of: text)
    guard !isCut, !clauses.isEmpty, !questions.isEmpty else { return fits }
    let asked = clauses.map { Self.terms(of: $0) }
    for start in clauses.indices {
      for end in start..<min(start + QuestionIndex.longestRun, clauses.count) {
        let likeness = likeness(asked[start...end].reduce([]) { $0.union($1) })
        let cost = QuestionIndex.otherClauseCost * Float(clauses.count - (end - start + 1))
        for article in fits.indices { fits[article] = max(fits[article], likeness[article] - cost) }
      }
    }
    let best = fits.indices.reduce(0) { fits[$1] > fits[$0] ? $1 : $0 }
    let second = fits.indices.reduce(Float(0)) { $1 == best ? $0 : max($0, fits[$1]) }
    let lead = min(1, (fits[best] - second) / QuestionIndex.fullLead.words)
    let fit = min(1, QuestionIndex.wordsOnlyScale * fits[best] * lead)
    fits = [Float](repeating: 0, count: articles.count)
    fits[best] = fit
    return fits
  }

  private func likeness(_ asked: Set<UInt64>) -> [Float] {
    var best = [Float](repeating: 0, count: articles.count)
    var covered = best
    var total: Float = 0
    let order = asked.sorted()
    for term in order {
      total += weight(of: term)
      for article in articlesOfTerm[term] ?? [] { covered[article] += weight(of: term) }
    }
    guard total > 0 else { return best }
    for question in questions {
      let shared = order.filter { question.terms.contains($0) }.reduce(Float(0)) { $0 + weight(of: $1) }
      guard shared > 0 else { continue }
      let all = question.terms.sorted().reduce(Float(0)) { $0 + weight(of: $1) }
      best[question.article] = max(best[question.article], shared / (total * all).squareRoot())
    }
    for article in best.indices {
      best[article] =
        (1 - QuestionIndex.vocabularyShare) * best[article]
        + QuestionIndex.vocabularyShare * covered[article] / total
    }
    return best
  }
}
