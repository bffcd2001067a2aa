internal import DeskCore

/// The terms by which questions are compared, and the ones that say little about the subject.
struct QuestionTerms {
  private var extractor = TermExtractor()

  /// Returns the distinct terms of some clauses, in ascending order. Chinese particles and pronouns separate terms, so that
  /// the bigrams across them, which differ from speaker to speaker, do not count.
  mutating func terms(of clauses: [String]) -> [UInt64] {
    var all: Set<UInt64> = []
    for clause in clauses {
      var stripped = String.UnicodeScalarView()
      for scalar in clause.unicodeScalars { stripped.append(Self.particles.contains(scalar) ? " " : scalar) }
      for (term, _) in extractor.terms(of: String(stripped)) { all.insert(term) }
    }
    return all.sorted()
  }

  private static let particles = Set("的了吗呢啊呀哦嘛吧我你您请亲们么想要".unicodeScalars)

  /// Terms that form questions but name no subject.
  static let functional: Set<UInt64> = {
    var extractor = TermExtractor()
    var all: Set<UInt64> = []
    for word in (english + chinese).split(whereSeparator: \.isWhitespace) {
      for (term, _) in extractor.terms(of: String(word)) { all.insert(term) }
    }
    return all
  }()

  private static let english = """
    a an the i my me we our us you your it its this that these those is are am was were be been do does did have has had can could will \
    would shall should may might must to of in on at by for from with as and or but if so how what when where which who why not no any some \
    there here just still already now get got want need like about up out into over don doesn didn t s m d ll ve re something \

    """

  private static let chinese = """
    怎么 怎样 如何 可以 能不 不能 什么 哪里 在哪 多久 多少 几天 可不 是不 不是 有没 没有 还能 能否 为什 时候 现在 么办 怎么办 这个 那个 东西 \
    办 能 怎 什 哪 是 在 有 没 不 还 就 都 也 个
    """
}
