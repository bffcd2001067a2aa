internal import DeskCore

/// The clauses of a message, without greetings, thanks, requests for attention and signatures: what is left to answer.
///
/// Clauses end at punctuation and line ends. Texts are folded (`Normaliser`). A value can be filled again and again.
struct MessageClauses: Sendable {
  /// Whether the message has clauses beyond the limit.
  private(set) var isCut = false

  /// Clauses of one message that are read; a message with more needs a person.
  static let limit = 6

  /// The scalars of all clauses.
  private var scalars: [UInt32] = []
  /// Their kinds.
  private var kinds: [UInt8] = []
  /// Where each clause is.
  private var places: [Range<Int>] = []

  private var line = NormalisedText()
  private var matches: [PhraseMatcher.Match] = []
  private var dropped: [Bool] = []

  init() {}

  init(of text: String) {
    read(text)
  }

  /// The number of clauses with content.
  var count: Int { places.count }

  /// The folded clauses with content, in order; at most `limit`.
  var clauses: [String] {
    places.map { place in
      var clause = String.UnicodeScalarView()
      for scalar in scalars[place] { if let value = Unicode.Scalar(scalar) { clause.append(value) } }
      return String(clause)
    }
  }

  /// The scalars of a clause with their kinds.
  subscript(clause: Int) -> (scalars: ArraySlice<UInt32>, kinds: ArraySlice<UInt8>) {
    (scalars[places[clause]], kinds[places[clause]])
  }

  // MARK: Reading

  /// Replaces the clauses by those of a text.
  /// - Parameter folded: the whole text normalised, if that is known.
  mutating func read(_ text: String, folded: NormalisedText? = nil) {
    scalars.removeAll(keepingCapacity: true)
    kinds.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    isCut = false
    var text = text
    text.withUTF8 { utf8 in
      var start = 0
      while start < utf8.count {
        let (end, next) = Self.lineEnd(in: utf8, from: start)
        if end == utf8.count, start == 0, let folded {
          add(folded)
        } else if start < end {
          line.removeAll()
          Normaliser().append(utf8: UnsafeBufferPointer(rebasing: utf8[start..<end]), to: &line)
          add(line)
        }
        start = next
      }
    }
  }

  /// The end of the line that begins at a byte, and the start of the next line. Lines end as Unicode defines it (`Character.isNewline`).
  private static func lineEnd(in utf8: UnsafeBufferPointer<UInt8>, from start: Int) -> (end: Int, next: Int) {
    var place = start
    while place < utf8.count {
      switch utf8[place] {
      case 0x0A...0x0D: return (place, place + 1)
      case 0xC2 where utf8[place + 1] == 0x85: return (place, place + 2)
      case 0xE2 where utf8[place + 1] == 0x80 && (utf8[place + 2] == 0xA8 || utf8[place + 2] == 0xA9):
        return (place, place + 3)
      default: place += 1
      }
    }
    return (place, place)
  }

  private mutating func add(_ text: NormalisedText) {
    Self.pleasantries.find(in: text, into: &matches)
    dropped.removeAll(keepingCapacity: true)
    dropped.append(contentsOf: repeatElement(false, count: text.scalars.count))
    for match in matches {
      // A signature follows a closing formula.
      let isClosing = match.phrase < Self.closings.count
      let end = isClosing ? dropped.count : match.range.upperBound
      for place in match.range.lowerBound..<end { dropped[place] = true }
    }
    var start = scalars.count
    var hasContent = false
    for place in text.scalars.indices {
      let (scalar, kind) = (text.scalars[place], text.kinds[place])
      if Self.ends(scalar) || Self.mayEnd(scalar) && !Self.isWord(text, place + 1) {
        close(from: &start, hasContent)
        hasContent = false
      } else if dropped[place] {
        append(Self.space, ScalarKind.space.rawValue, from: start)
      } else {
        append(scalar, kind, from: start)
        hasContent = hasContent || kind == ScalarKind.han.rawValue || kind == ScalarKind.word.rawValue
      }
    }
    close(from: &start, hasContent)
  }

  private static func isWord(_ text: NormalisedText, _ place: Int) -> Bool {
    place < text.kinds.count && text.kinds[place] == ScalarKind.word.rawValue
  }

  /// Adds a scalar to the clause that begins at `start`; of spaces only those between others.
  private mutating func append(_ scalar: UInt32, _ kind: UInt8, from start: Int) {
    if scalar == Self.space, scalars.count == start || scalars.last == Self.space { return }
    scalars.append(scalar)
    kinds.append(kind)
  }

  private mutating func close(from start: inout Int, _ hasContent: Bool) {
    if hasContent, places.count < Self.limit {
      if scalars.last == Self.space {
        scalars.removeLast()
        kinds.removeLast()
      }
      places.append(start..<scalars.count)
      start = scalars.count
      return
    }
    if hasContent { isCut = true }
    scalars.removeLast(scalars.count - start)
    kinds.removeLast(kinds.count - start)
  }

  private static let space: UInt32 = 0x20

  private static func ends(_ scalar: UInt32) -> Bool {
    switch Unicode.Scalar(scalar) {
    case "!", "?", ";", "。", "！", "？", "；", "、", "…": true
    default: false
    }
  }

  /// A point or a comma inside a number or a name ends nothing.
  private static func mayEnd(_ scalar: UInt32) -> Bool {
    switch Unicode.Scalar(scalar) {
    case ".", ",", "，", ":": true
    default: false
    }
  }

  // MARK: Pleasantries

  static let pleasantries = PhraseMatcher(closings + courtesies)

  /// Formulas that end a message; the rest of the line is a name.
  static let closings = [
    "kind regards", "best regards", "warm regards", "with regards", "many regards", "regards", "best wishes",
    "yours sincerely", "sincerely", "yours faithfully", "yours truly", "cheers", "此致", "祝好", "顺颂商祺", "祝商祺",
  ]

  private static let courtesies = [
    "hi", "hi there", "hi all", "hi team", "hi guys", "hello", "hello there", "hello all", "hello team",
    "hello everyone", "hey", "hey there", "hey guys", "hey team", "hiya", "dear", "dear sir", "dear madam",
    "dear sir or madam", "dear sirs", "dear team", "dear support", "dear support team",
    "dear customer service", "good morning", "good afternoon", "good evening", "good day", "morning",
    "afternoon", "evening", "greetings", "to whom it may concern", "hope you are well", "hope you're well",
    "i hope you are well", "i hope you're well", "hope you are doing well", "i hope this finds you well",
    "hope this finds you well", "how are you", "how are you doing", "hope all is well", "thanks", "thank you",
    "thank you very much", "thank you so much", "thanks a lot", "thanks so much", "thanks very much",
    "many thanks", "thx", "thanks in advance", "thank you in advance", "thanks for your help",
    "thank you for your help", "much appreciated", "any help is appreciated", "any help would be appreciated",
    "i appreciate your help", "have a nice day", "have a great day", "have a good day", "please", "pls", "plz",
    "kindly", "could you please", "can you please", "would you please", "could you please tell me",
    "can you please tell me", "could you tell me", "can you tell me", "please tell me",
    "could you let me know", "can you let me know", "please let me know", "let me know", "could you help me",
    "can you help me", "please help me", "please help", "can someone help", "can anybody help",
    "i need help with", "i need help", "sorry to bother you", "sorry to disturb you",
    "sorry for bothering you", "excuse me", "quick question", "i have a question", "just a question",
    "just one question", "one question", "i was wondering", "i would like to know", "i'd like to know",
    "i want to know", "i wanted to ask", "may i ask", "may i know", "can i ask", "do you know",
    "i would like to ask", "any idea", "looking forward to your reply", "looking forward to hearing from you",
    "你好", "您好", "你们好", "大家好", "你好呀", "您好呀", "你好啊", "您好啊", "早上好", "上午好", "中午好", "下午好", "晚上好", "早安", "晚安", "哈喽",
    "哈啰", "嗨", "在吗", "在么", "在不在", "有人吗", "有人在吗", "在不", "亲", "亲亲", "亲爱的", "客服你好", "客服您好", "客服在吗", "老师", "老师您好",
    "老师好", "小姐姐", "小哥哥", "请问", "请问一下", "请教一下", "请教", "想问", "想问下", "想问一下", "问一下", "问下", "我想问", "我想问一下", "我想问下",
    "想请问", "想咨询", "想咨询一下", "咨询一下", "咨询下", "打听一下", "麻烦问一下", "麻烦问下", "麻烦您", "麻烦你", "麻烦", "麻烦帮我", "麻烦告诉我",
    "麻烦您帮我", "请告诉我", "告诉我", "帮我看看", "帮我看一下", "帮忙看下", "帮忙看看", "帮我查一下", "帮我查下", "能不能帮我", "能帮我", "可以帮我", "请帮我",
    "请帮忙", "帮我", "帮忙", "劳驾", "打扰了", "打扰一下", "打扰下", "不好意思", "不好意思打扰了", "抱歉打扰", "谢谢", "谢谢您", "谢谢你", "谢谢啦", "谢谢了",
    "多谢", "感谢", "非常感谢", "十分感谢", "万分感谢", "感谢您", "谢谢您的帮助", "辛苦了", "辛苦您", "辛苦啦", "拜托", "拜托了", "祝您生活愉快", "祝工作顺利",
    "盼复", "等您回复",
  ]
}
