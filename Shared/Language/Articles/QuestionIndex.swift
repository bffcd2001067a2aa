#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// How well each article answers the question in a message: what decides whether an article may answer without a person.
///
/// A message is compared by runs of its clauses (`MessageClauses`), so that neither a greeting nor an explanation hides the question, with
/// each question of an article. All values were chosen on questions with known answers (see the README).
struct QuestionIndex: Sendable {
  /// The weight of a term that names no subject, relative to one that does.
  static let functionalWeight: Float = 0.25
  /// The share of an article's vocabulary in its similarity; the rest is its most similar question's.
  static let vocabularyShare: Float = 0.4
  /// The share of meaning in a fit if there is an encoder.
  static let meaningShare: Float = 0.5
  /// What a fit by words alone counts, so that one threshold serves both ways: words are similar by chance less often than meanings.
  static let wordsOnlyScale: Float = 1.2
  /// The maximum number of clauses in a run.
  static let longestRun = 3
  /// What each clause outside the run costs: it may ask something else.
  static let otherClauseCost: Float = 0.05
  /// The lead over the second article from which a fit counts in full, by words alone and with an encoder.
  static let fullLead: (words: Float, blended: Float) = (0.05, 0.1)

  private struct Question: Sendable {
    let article: Int
    let weight: Float
  }

  /// A term, and where it occurs: a message is compared only with what shares a term with it.
  private struct Term: Sendable {
    var weight: Float = 0
    var questions: [Int] = []
    var articles: [Int] = []
  }

  private let count: Int
  private let questions: [Question]
  private let terms: [UInt64: Term]
  private let unknownWeight: Float
  /// The questions as texts, in the order of the rows that `fits` expects.
  let texts: [String]

  /// - Parameter articles: the questions of each article.
  init(_ articles: [[String]]) {
    var extractor = QuestionTerms()
    var known: [UInt64: Term] = [:]
    var listed: [(article: Int, terms: [UInt64])] = []
    var texts: [String] = []
    for (article, questions) in articles.enumerated() {
      for question in questions {
        let clauses = MessageClauses(of: question).clauses
        let asked = extractor.terms(of: clauses)
        guard !asked.isEmpty else { continue }
        for term in asked {
          known[term, default: Term()].questions.append(listed.count)
          if known[term]?.articles.last != article { known[term]?.articles.append(article) }
        }
        listed.append((article, asked))
        texts.append(clauses.joined(separator: " "))
      }
    }
    let total = Float(articles.count)
    for (term, places) in known {
      known[term]?.weight = Self.weight(of: term, holding: Float(places.articles.count), of: total)
    }
    count = articles.count
    questions = listed.map { article, terms in
      Question(article: article, weight: terms.reduce(0) { $0 + (known[$1]?.weight ?? 0) })
    }
    unknownWeight = logf(1 + (total + 0.5) / 0.5)
    self.terms = known
    self.texts = texts
  }

  private static func weight(of term: UInt64, holding: Float, of total: Float) -> Float {
    let share = QuestionTerms.functional.contains(term) ? functionalWeight : 1
    return share * logf(1 + (total - holding + 0.5) / (holding + 0.5))
  }

  /// Returns how well each article answers a message, from 0 to 1: above 0 for one article at most, since a message that two articles
  /// answer equally well needs a person, and so does one with more clauses than are read.
  /// - Parameter nearness: given some texts, returns for each the similarity to each of `texts`; nil without an encoder.
  func fits(_ message: String, nearness: (([String]) -> [[Float]])? = nil) -> [Float] {
    var fits = [Float](repeating: 0, count: count)
    let message = MessageClauses(of: message)
    guard !message.isCut, !message.clauses.isEmpty, !questions.isEmpty else { return fits }
    let runs = message.clauses.indices.flatMap { start in
      (start..<min(start + Self.longestRun, message.clauses.count)).map { start...$0 }
    }
    let near = nearness?(runs.map { message.clauses[$0].joined(separator: " ") })
    var extractor = QuestionTerms()
    let asked = message.clauses.map { extractor.terms(of: [$0]) }
    for (place, run) in runs.enumerated() {
      var likeness = likeness(Set(asked[run].joined()).sorted())
      if let near { blend(near[place], into: &likeness) }
      let cost = Self.otherClauseCost * Float(message.clauses.count - run.count)
      for article in fits.indices { fits[article] = max(fits[article], likeness[article] - cost) }
    }
    let lead = near == nil ? Self.fullLead.words : Self.fullLead.blended
    guard let best = MessageClassifier.best(fits, count: 1).first else { return fits }
    let second = fits.indices.reduce(0) { $1 == best ? $0 : max($0, fits[$1]) }
    let scale = near == nil ? Self.wordsOnlyScale : 1
    let fit = min(1, scale * fits[best] * min(1, (fits[best] - second) / lead))
    fits = [Float](repeating: 0, count: count)
    fits[best] = fit
    return fits
  }

  private func blend(_ near: [Float], into likeness: inout [Float]) {
    var best = [Float](repeating: 0, count: count)
    for (question, nearness) in zip(questions, near) {
      best[question.article] = max(best[question.article], nearness)
    }
    for article in likeness.indices {
      likeness[article] = (1 - Self.meaningShare) * likeness[article] + Self.meaningShare * best[article]
    }
  }

  /// The similarity of some terms, distinct and in ascending order, with each article, from 0 to 1.
  private func likeness(_ asked: [UInt64]) -> [Float] {
    var total: Float = 0
    var shared = [Float](repeating: 0, count: questions.count)
    var covered = [Float](repeating: 0, count: count)
    for term in asked {
      guard let known = terms[term] else {
        total += unknownWeight * (QuestionTerms.functional.contains(term) ? Self.functionalWeight : 1)
        continue
      }
      total += known.weight
      for question in known.questions { shared[question] += known.weight }
      for article in known.articles { covered[article] += known.weight }
    }
    var best = [Float](repeating: 0, count: count)
    guard total > 0 else { return best }
    for (shared, question) in zip(shared, questions) where shared > 0 {
      best[question.article] = max(best[question.article], shared / (total * question.weight).squareRoot())
    }
    for article in best.indices {
      best[article] = (1 - Self.vocabularyShare) * best[article] + Self.vocabularyShare * covered[article] / total
    }
    return best
  }
}
