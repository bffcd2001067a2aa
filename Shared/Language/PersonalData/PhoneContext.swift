/// Evaluates the text before a number: a short number counts as a telephone number only if that text says so.
enum PhoneContext {
  /// Whether the text before a number refers to telephones and not to orders. Looks back to the last digit, line break or
  /// punctuation mark, at most 24 scalars.
  static func speaksOfPhones(_ before: ArraySlice<UInt32>) -> Bool {
    let near = before.suffix(lookBack)
    let words = near[(near.lastIndex(where: isBorder).map { $0 + 1 } ?? near.startIndex)...]
    return holds(words, anyOf: phoneWords) && !holds(words, anyOf: orderWords)
  }

  /// Whether a word may directly touch the number after it.
  static func announces(_ word: ArraySlice<UInt32>) -> Bool { announcements.contains(Array(word)) }

  /// Whether the text after a number begins with a unit, so that it is an amount.
  static func beginsWithUnit(_ behind: ArraySlice<UInt32>) -> Bool {
    let words = behind.first == 0x20 ? behind.dropFirst() : behind
    guard let first = words.first else { return false }
    return units.contains(first) || unitWords.contains(Array(words.prefix(unitLength).prefix(while: PlainText.isLatin)))
  }

  private static let lookBack = 24

  private static func isBorder(_ scalar: UInt32) -> Bool {
    PlainText.isDigit(scalar) || scalar == PlainText.lineBreak || scalar == 0x5D || scalar == 0x3B
  }

  /// Matches ASCII words as whole words, others anywhere.
  private static func holds(_ text: ArraySlice<UInt32>, anyOf words: [[UInt32]]) -> Bool {
    words.contains { word in
      guard let first = word.first, text.count >= word.count else { return false }
      return (text.startIndex...(text.endIndex - word.count)).contains { start in
        let end = start + word.count
        guard text[start] == first, text[start..<end].elementsEqual(word) else { return false }
        let beginsInside = start > text.startIndex && PlainText.isLatin(first) && PlainText.isLatin(text[start - 1])
        let endsInside = end < text.endIndex && PlainText.isLatin(word[word.count - 1]) && PlainText.isLatin(text[end])
        return !beginsInside && !endsInside
      }
    }
  }

  private static func scalars(_ words: [String]) -> [[UInt32]] { words.map { $0.unicodeScalars.map(\.value) } }

  /// Folded: lower case, simplified characters.
  private static let phoneWords = scalars([
    "tel", "telephone", "phone", "mobile", "cell", "cellphone", "call", "ring", "dial", "fax", "whatsapp", "sms",
    "text", "landline", "hotline",
    "handphone", "hp", "ph", "contact", "number", "reach me", "电话", "手机", "座机", "固话", "号码", "致电", "拨打", "来电", "传真",
    "联系方式", "联系",
    "打给", "微信", "回电",
  ])
  private static let orderWords = scalars([
    "order", "invoice", "tracking", "parcel", "ref", "reference", "code", "receipt", "ticket", "case", "batch",
    "serial", "account", "booking", "confirmation",
    "reservation", "request", "member", "membership", "password", "pin", "zip", "flight", "policy", "visitors", "vat",
    "tax", "part", "model",
    "transaction", "订单", "单号", "运单",
    "快递", "发票", "流水", "编号", "序列", "工号", "验证码", "尾号", "邮编", "帐号", "账号", "密码", "会员", "话费",
  ])
  private static let announcements = Set(
    scalars([
      "tel", "telephone", "phone", "mobile", "cell", "call", "ring", "fax", "whatsapp", "wechat", "weixin", "wx", "vx",
      "ph", "mob", "hp", "qq", "v", "no", "number",
      "num", "id", "card", "on", "at", "to", "is", "text", "contact",
    ]))
  private static let unitLength = 10
  private static let unitWords = Set(
    scalars([
      "times", "people", "users", "visitors", "days", "hours", "minutes", "seconds", "yuan", "rmb", "dollars", "usd",
      "euros", "points", "pieces", "km",
    ]))
  private static let units = Set("元块个条次天件人分秒年月日号楼万单%".unicodeScalars.map(\.value))
}
