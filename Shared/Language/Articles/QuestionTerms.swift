internal import DeskCore

/// The terms by which questions are compared, and the ones that say little about the subject.
enum QuestionTerms {
  /// Adds the terms of a clause to `terms`, as often as they occur. Chinese particles and pronouns separate terms, so that the bigrams
  /// across them, which differ from speaker to speaker, do not count.
  static func add(
    _ scalars: ArraySlice<UInt32>, _ kinds: ArraySlice<UInt8>, to terms: inout [UInt64]
  ) {
    var kinds = kinds
    for place in scalars.indices where isParticle(scalars[place]) { kinds[place] = ScalarKind.space.rawValue }
    TermExtractor.forEachTerm(of: scalars, kinds: kinds) { terms.append($0) }
  }

  private static func isParticle(_ scalar: UInt32) -> Bool {
    switch Unicode.Scalar(scalar) {
    case "的", "了", "吗", "呢", "啊", "呀", "哦", "嘛", "吧", "我", "你", "您", "请", "亲", "们", "么", "想", "要": true
    default: false
    }
  }

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
