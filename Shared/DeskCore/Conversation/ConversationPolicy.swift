/// How the messages of a conversation are read together.
public struct ConversationPolicy: Hashable, Sendable {
  /// After how many calmer concerns in a row the anger or urgency of a conversation falls by one level, 1 or more.
  public var calmAfter: Int
  /// The least confidence, 0 to 1, with which a later message's category replaces the conversation's.
  public var concernFrom: Double
  /// The least share of a message, 0 to 1, that closing words must cover to confirm a settled ticket.
  public var closingFrom: Double
  /// The least share of a message, 0 to 1, that greetings must cover for it to say nothing.
  public var greetingFrom: Double
  /// What customers greet with.
  public var greetings: PhraseList { didSet { prepareSearch() } }
  /// Thanks, and what says that a concern is settled.
  public var closings: PhraseList { didSet { prepareSearch() } }
  /// What shows that thanks are not the end: negations, contrasts, questions.
  public var objections: PhraseList { didSet { prepareSearch() } }
  /// Words that carry no concern next to a greeting or to thanks.
  public var fillers: PhraseList { didSet { prepareSearch() } }
  /// Finds closing phrases (list 0) and greetings (list 1), which most messages have none of.
  private(set) var acts = WordSearch([])
  /// Finds objections (list 0) and fillers (list 1).
  private(set) var others = WordSearch([])

  /// The length in folded scalars beyond which a message is always a concern; a search of all phrases takes time with each scalar.
  static let longestAct = 120

  /// Creates a policy.
  public init(
    calmAfter: Int = 3, concernFrom: Double = 0.5, closingFrom: Double = 0.8, greetingFrom: Double = 0.8,
    greetings: PhraseList = .greetings, closings: PhraseList = .closings, objections: PhraseList = .objections,
    fillers: PhraseList = .fillers
  ) {
    self.calmAfter = calmAfter
    self.concernFrom = concernFrom
    self.closingFrom = closingFrom
    self.greetingFrom = greetingFrom
    self.greetings = greetings
    self.closings = closings
    self.objections = objections
    self.fillers = fillers
    prepareSearch()
  }

  private mutating func prepareSearch() {
    acts = WordSearch([closings.needles, greetings.needles])
    others = WordSearch([objections.needles, fillers.needles])
  }
}

/// What a channel does with a first message that only greets.
public struct GreetingPolicy: Hashable, Sendable {
  /// How long the ticket waits for the concern before it is offered to an agent; zero: not at all. A concern ends the wait.
  public var wait: Duration
  /// The answer by the beginning of a language code, such as `zh` or `en`; empty for none.
  public var answers: [String: String]

  /// Creates a policy.
  public init(wait: Duration = .zero, answers: [String: String] = [:]) {
    self.wait = wait
    self.answers = answers
  }

  /// The answer in a message's language; otherwise the first by the name of its language.
  public func answer(in language: String) -> String? {
    answers.entry(forLanguage: language)
  }
}

extension PhraseList {
  /// The greetings of a policy that lists none.
  public static let greetings: PhraseList = [
    "hi", "hello", "hey", "hi there", "hello there", "hey there", "good morning", "good afternoon", "good evening",
    "good day", "greetings", "anyone there", "anybody there", "is anyone there", "are you there", "dear support",
    "dear team", "您好", "你好", "哈喽", "哈啰", "嗨", "早上好", "上午好", "中午好", "下午好", "晚上好", "早安", "在吗", "在不在",
    "有人吗", "有人在吗", "有客服吗", "客服在吗", "请问在吗", "👋",
  ]

  /// The closing phrases of a policy that lists none.
  public static let closings: PhraseList = [
    "thanks", "thank you", "thank u", "thx", "ty", "many thanks", "cheers", "much appreciated", "appreciate it",
    "solved", "resolved", "fixed", "sorted", "it works", "works now", "working now", "it works now", "all good",
    "all set", "got it", "no problem", "no worries", "no need", "never mind", "nevermind", "that helped", "that helps",
    "very helpful", "ok", "okay", "perfect", "bye", "goodbye", "have a nice day", "have a good day", "have a great day",
    "谢谢", "多谢", "感谢", "谢了", "谢啦", "3q", "解决了", "已解决", "已经解决", "问题解决了", "问题已解决", "问题已经解决", "搞定了", "搞定", "可以了", "好了",
    "没事了", "没问题了",
    "不用了", "不客气", "好的", "好滴", "好嘞", "嗯嗯", "知道了", "明白了", "明白", "了解了", "收到", "收到了", "辛苦了", "麻烦了", "再见",
    "拜拜", "🙏", "👍", "👌",
  ]

  /// The objections of a policy that lists none.
  public static let objections: PhraseList = [
    "?", "but", "however", "still", "not", "no", "never", "nothing", "yet", "until", "when", "why", "how",
    "what", "where", "who", "which", "can", "could", "would", "don't", "doesn't", "didn't", "isn't", "wasn't", "can't",
    "won't", "haven't", "hasn't", "dont", "doesnt", "didnt", "isnt", "wasnt", "cant", "cannot", "wont", "但", "可是", "不过",
    "然而", "还", "没", "未", "不", "吗", "呢", "怎么", "什么", "为何", "哪", "何时", "几", "多久", "多少", "能否", "又", "再问", "请问",
  ]

  /// The filler words of a policy that lists none.
  public static let fillers: PhraseList = [
    "a", "again", "all", "and", "are", "dear", "everything", "everyone", "for", "for the help", "for your help",
    "for the quick reply", "for your quick reply", "for your time", "great", "guys", "i", "i'm", "is", "it", "it's",
    "its",
    "just", "kind", "lot", "lots", "madam", "my", "now", "really", "sir", "so", "so much", "support", "team", "that",
    "that's", "the", "there", "this", "to", "very", "very much", "welcome", "you", "your", "啊", "呀", "哦", "哈", "啦", "了",
    "的", "吧", "哟", "呐", "嗯", "我", "你", "您", "你们", "您们", "大家", "亲", "客服", "小姐姐", "小哥哥", "老师", "非常", "十分", "太",
    "很", "真", "都", "已经", "现在", "的帮助", "的帮忙", "的回复", "的耐心", "就", "也", "一下", "哈哈", "嘿嘿", "😊", "😀", "😄", "🙂", "😁",
    "❤", "🌹",
  ]
}
