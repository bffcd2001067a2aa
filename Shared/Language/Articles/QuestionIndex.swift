internal import DeskCore

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

  struct Question: Sendable {
    let article: Int
    let weight: Float
  }

  /// A term, and where it occurs: a message is compared only with what shares a term with it.
  fileprivate struct Term {
    var weight: Float = 0
    var questions: [Int] = []
    var articles: [Int] = []
  }

  /// All terms of the questions, and those that name no subject, by their numbers.
  struct Terms: Sendable {
    fileprivate(set) var numbers = TermTable([])
    fileprivate(set) var weights: [Float] = []
    /// The places of all terms, one term's behind the other's, and where each term's begin.
    fileprivate(set) var questions: (starts: [Int], places: [Int]) = ([0], [])
    fileprivate(set) var articles: (starts: [Int], places: [Int]) = ([0], [])
    fileprivate(set) var unknownWeight: Float = 0

    fileprivate mutating func append(_ term: Term) {
      weights.append(term.weight)
      questions.places += term.questions
      questions.starts.append(questions.places.count)
      articles.places += term.articles
      articles.starts.append(articles.places.count)
    }
  }

  private let count: Int
  private let questions: [Question]
  private let terms: Terms
  /// The questions as texts, in the order of the rows that `fits` expects.
  let texts: [String]

  /// - Parameter articles: the questions of each article.
  init(_ articles: [[String]]) {
    var clauses = MessageClauses()
    var known: [UInt64: Term] = [:]
    var listed: [(article: Int, terms: [UInt64])] = []
    var texts: [String] = []
    for (article, questions) in articles.enumerated() {
      for question in questions {
        clauses.read(question)
        var asked: [UInt64] = []
        for clause in 0..<clauses.count {
          QuestionTerms.add(clauses[clause].scalars, clauses[clause].kinds, to: &asked)
        }
        asked.sortDistinct()
        guard !asked.isEmpty else { continue }
        for term in asked {
          known[term, default: Term()].questions.append(listed.count)
          if known[term]?.articles.last != article { known[term]?.articles.append(article) }
        }
        listed.append((article, asked))
        texts.append(clauses.clauses.joined(separator: " "))
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
    let unknownWeight = logf(1 + (total + 0.5) / 0.5)
    for term in QuestionTerms.functional where known[term] == nil {
      known[term] = Term(weight: unknownWeight * Self.functionalWeight)
    }
    let order = known.keys.sorted()
    var terms = Terms()
    terms.numbers = TermTable(order)
    terms.unknownWeight = unknownWeight
    for term in order { known[term].map { terms.append($0) } }
    self.terms = terms
    self.texts = texts
  }

  private static func weight(of term: UInt64, holding: Float, of total: Float) -> Float {
    let share = QuestionTerms.functional.contains(term) ? functionalWeight : 1
    return share * logf(1 + (total - holding + 0.5) / (holding + 0.5))
  }

  /// Finds out how well each article answers a message, from 0 to 1: above 0 for one article at most, since a message that two articles
  /// answer equally well needs a person, and so does one with more clauses than are read.
  /// - Parameters:
  ///   - folded: the message normalised.
  ///   - scratch: gets the result in `fits`.
  ///   - nearness: given some texts, returns for each the similarity to each of `texts`; nil without an encoder.
  func fit(
    _ message: String, _ folded: NormalisedText, using scratch: inout ArticleScratch,
    nearness: (([String]) -> [[Float]])? = nil
  ) {
    scratch.fits.clear(count)
    scratch.clauses.read(message, folded: folded)
    let clauses = scratch.clauses.count
    guard !scratch.clauses.isCut, clauses > 0, !questions.isEmpty else { return }
    let runs = (0..<clauses).flatMap { start in
      (start..<min(start + Self.longestRun, clauses)).map { start...$0 }
    }
    let near = nearness.map { nearness in
      let texts = scratch.clauses.clauses
      return nearness(runs.map { texts[$0].joined(separator: " ") })
    }
    for (place, run) in runs.enumerated() {
      scratch.likeness.terms.removeAll(keepingCapacity: true)
      for clause in run {
        let (scalars, kinds) = scratch.clauses[clause]
        QuestionTerms.add(scalars, kinds, to: &scratch.likeness.terms)
      }
      scratch.likeness.compare(with: questions, of: count, terms)
      if let near { blend(near[place], into: &scratch.likeness.articles) }
      let cost = Self.otherClauseCost * Float(clauses - run.count)
      for article in scratch.fits.indices {
        scratch.fits[article] = max(scratch.fits[article], scratch.likeness.articles[article] - cost)
      }
    }
    keepBest(&scratch.fits, lead: near == nil ? Self.fullLead.words : Self.fullLead.blended, near == nil)
  }

  private func keepBest(_ fits: inout [Float], lead: Float, _ areWordsOnly: Bool) {
    guard let best = MessageClassifier.best(fits, count: 1).first else { return }
    let second = fits.indices.reduce(0) { $1 == best ? $0 : max($0, fits[$1]) }
    let scale = areWordsOnly ? Self.wordsOnlyScale : 1
    let fit = min(1, scale * fits[best] * min(1, (fits[best] - second) / lead))
    fits.clear(count)
    fits[best] = fit
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
}

/// The similarity of a message with each article.
struct QuestionLikeness: Sendable {
  /// What is compared: the terms of a part of the message, in any order, as often as they occur.
  var terms: [UInt64] = []
  /// The result, from 0 to 1.
  var articles: [Float] = []
  /// The weight that each question, and each article, shares with the terms.
  private var shared: [Float] = []
  private var covered: [Float] = []
  /// The questions that share any.
  private var touched: [Int] = []

  init() {}

  /// - Parameters:
  ///   - count: the number of articles.
  ///   - known: the terms of the questions.
  mutating func compare(with questions: [QuestionIndex.Question], of count: Int, _ known: QuestionIndex.Terms) {
    // A sum of floating-point numbers depends on its order.
    terms.sortDistinct()
    if shared.count != questions.count { shared.clear(questions.count) }
    covered.clear(count)
    let total = addWeights(of: known)
    articles.clear(count)
    for question in touched {
      let (article, weight) = (questions[question].article, questions[question].weight)
      articles[article] = max(articles[article], shared[question] / (total * weight).squareRoot())
      shared[question] = 0
    }
    touched.removeAll(keepingCapacity: true)
    guard total > 0 else { return }
    let share = QuestionIndex.vocabularyShare
    for article in articles.indices {
      articles[article] = (1 - share) * articles[article] + share * covered[article] / total
    }
  }

  /// Adds each term's weight where it occurs. A message has dozens of terms in hundreds of places: most of a search's time.
  /// - Returns: the weight of all terms.
  private mutating func addWeights(of known: QuestionIndex.Terms) -> Float {
    var total: Float = 0
    shared.withUnsafeMutableBufferPointer { shared in
      covered.withUnsafeMutableBufferPointer { covered in
        for term in terms {
          guard let number = known.numbers.number(of: term) else {
            total += known.unknownWeight
            continue
          }
          let weight = known.weights[number]
          total += weight
          for place in known.questions.starts[number]..<known.questions.starts[number + 1] {
            let question = known.questions.places[place]
            if shared[question] == 0 { touched.append(question) }
            shared[question] += weight
          }
          for place in known.articles.starts[number]..<known.articles.starts[number + 1] {
            covered[known.articles.places[place]] += weight
          }
        }
      }
    }
    return total
  }
}

extension [UInt64] {
  /// Sorts it and leaves each number once.
  mutating func sortDistinct() {
    sort()
    var kept = 0
    for place in indices where place == 0 || self[place] != self[kept - 1] {
      self[kept] = self[place]
      kept += 1
    }
    removeLast(count - kept)
  }
}
