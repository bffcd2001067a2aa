import DeskCore
import Testing

@testable import Language

@Suite struct PersonalDataFinderTests {
  private let finder = PersonalDataFinder()

  /// Numbers are published examples of standards and payment networks, or have a check character calculated by hand.
  @Test(
    "masks personal data",
    arguments: [
      ("call me on 13800138000 please", "call me on [phone] please"),
      ("我的电话是138-0013-8000，谢谢", "我的电话是[phone]，谢谢"),
      ("电话１３８００１３８０００", "电话[phone]"),
      ("+86 138 0013 8000", "[phone]"),
      ("0086 13800138000", "[phone]"),
      ("座机010-62345678转8", "座机[phone]转8"),
      ("ring +44 20 7946 0958 after six", "ring [phone] after six"),
      ("(415) 555-2671 or 1-415-555-2671", "[phone] or [phone]"),
      ("write to jane.doe+shop@example.co.uk.", "write to [mail]."),
      ("邮箱zhang_san@example.com，急", "邮箱[mail]，急"),
      ("13800138000@example.com", "[mail]"),
      ("card 4111 1111 1111 1111 was charged", "card [card] was charged"),
      ("卡号6222020200112230000", "卡号6222020200112230000"),
      ("卡号5555555555554444", "卡号[card]"),
      ("身份证11010519491231002X", "身份证[identity number]"),
      ("身份证440524188001010014", "身份证[identity number]"),
      ("id 11010519491231002x, mail a@b.cn, tel 13912345678", "id [identity number], mail [mail], tel [phone]"),
    ])
  func masksPersonalData(text: String, masked: String) {
    #expect(finder.mask(text) == masked)
  }

  @Test(
    "leaves text that only resembles personal data readable",
    arguments: [
      "order 20261122000134", "4111 1111 1111 1112", "it costs 1299.00, not 1,399", "12800138000", "call 400-820-8820",
      "parcel SF13800138000X9", "see me @ noon", "a@b", "@home", "11010519491231002Y", "0000000000000000",
      "2026-11-22 10:30",
      "", "abc", "7", "🙂@🙂.com", "+", "(", "((((1", "1 2 3 4 5 6 7",
    ])
  func keepsHarmlessText(text: String) {
    #expect(finder.mask(text) == text)
  }

  @Test func verifiesCheckDigits() {
    let digits = { (text: String) in text.utf8.map { $0 == UInt8(ascii: "X") ? CheckedNumbers.ten : $0 - 0x30 } }
    let identity = digits("11010519491231002X")
    #expect(CheckedNumbers.isIdentityNumber(identity))
    let card = digits("4111111111111111")
    #expect(CheckedNumbers.isCard(card))
    for place in 0..<17 {
      var changed = identity
      changed[place] = (changed[place] + 1) % 10
      #expect(!CheckedNumbers.isIdentityNumber(changed), "digit \(place)")
    }
    for place in card.indices {
      var changed = card
      changed[place] = (changed[place] + 1) % 10
      #expect(!CheckedNumbers.isCard(changed), "digit \(place)")
    }
  }

  @Test func reportsScalarRangesInOrder() {
    let found = finder.find(in: "👩‍👩‍👧 13800138000 a@b.cn")
    #expect(found.map(\.kind) == [.phone, .mail])
    #expect(found.map(\.range) == [6..<17, 18..<24])
  }

  /// Adjacent numbers, and notations that hide a number.
  @Test(
    "masks each of several numbers, and numbers in notations that only people read",
    arguments: [
      ("13800138000 13900139000", "[phone] [phone]"),
      ("order 20261128 13800138000", "order 20261128 [phone]"),
      ("13800138000. 3 days", "[phone]. 3 days"),
      ("4111 1111 1111 1111 2026-11-28", "[card] 2026-11-28"),
      ("13800138000 11010519491231002X", "[phone] [identity number]"),
      ("021-6108-8888", "[phone]"),
      ("(010) 6552-9988", "[phone]"),
      ("86-10-65529988", "[phone]"),
      ("hans@例え.jp, hans@xn--r8jz45g.jp", "[mail], [mail]"),
      ("138\u{200B}0013\u{200D}8000", "[phone]"),
      ("ha\u{AD}ns@exam\u{200B}ple.com", "[mail]"),
      ("138/0013/8000", "[phone]"),
      ("1380013800013900139000", "[phone][phone]"),
    ])
  func masksEveryOccurrence(text: String, masked: String) {
    #expect(finder.mask(text) == masked)
  }

  @Test("recall and precision on the test messages", arguments: PersonalDataCases.Language.allCases)
  func recallAndPrecision(language: PersonalDataCases.Language) {
    let cases = PersonalDataCases.read(language)
    #expect(cases.count >= 250 && cases.count { !$0.data.isEmpty } >= 140 && cases.count { $0.data.isEmpty } >= 100)
    var (written, recognised, found, right) = (0, 0, 0, 0)
    for item in cases {
      let answer = finder.find(in: item.text)
      written += item.data.count
      found += answer.count
      recognised += item.data.count { datum in
        answer.contains {
          $0.kind == datum.kind && $0.range.lowerBound <= datum.range.lowerBound
            && $0.range.upperBound >= datum.range.upperBound
        }
      }
      right += answer.count { datum in item.data.contains { $0.range.overlaps(datum.range) } }
    }
    #expect(recognised * 100 >= written * 98, "\(recognised) of \(written)")
    #expect(right == found, "\(right) of \(found)")
  }

  @Test func maskingIsIdempotentAndNeverLengthensAText() {
    let pieces = [
      "13800138000", "139 1234 5678", "0", " ", "-", ".", "(", ")", "/", "+", "a@b.cn", "@", "x", "X", "tel", "phone ",
      "电话", "86", "010",
      "65529988", "4111 1111 1111 1111", "4111111111111111", "11010519491231002X", "一", "三", "八", "零", "\u{200B}", "①",
      "[phone]", "[", "]",
      "q", "ext", "，", "\n", "1", "3", "2026", "20261128", "订单", "例え.jp", "公司", "_", "415", "555", "2671", "400", "元",
      " times",
    ]
    var random = SeededGenerator(seed: 12)
    for _ in 0..<4_000 {
      let text = (0..<Int.random(in: 1...20, using: &random)).map { _ in
        pieces[Int.random(in: pieces.indices, using: &random)]
      }
      .joined()
      let once = finder.mask(text)
      #expect(finder.mask(once) == once, "\(text.debugDescription)")
      #expect(once.unicodeScalars.count <= text.unicodeScalars.count, "\(text.debugDescription)")
    }
    for item in PersonalDataCases.Language.allCases.flatMap(PersonalDataCases.read) {
      let once = finder.mask(item.text)
      #expect(finder.mask(once) == once)
    }
  }

  @Test func noNumberIsLeftOfAdjacentOnes() {
    var random = SeededGenerator(seed: 13)
    let groups = [
      "138", "0013", "8000", "13800138000", "86", "010", "6552", "9988", "4111", "1111", "20261128", "3", "415", "555",
      "2671",
    ]
    for _ in 0..<500 {
      let text = (0..<12).map { _ in groups[Int.random(in: groups.indices, using: &random)] }.joined(separator: " ")
      for rest in finder.mask(text).split(separator: "]").flatMap({ $0.split(separator: "[") }) {
        let words = rest.split(separator: " ").filter { $0.allSatisfy(\.isNumber) }
        for first in words.indices {
          for last in first..<words.endIndex {
            let run = words[first...last].joined(separator: " ")
            #expect(finder.find(in: run).isEmpty, "\(run) in \(text)")
          }
        }
      }
    }
  }

  @Test func theWorkIsProportionalToTheLength() {
    var random = SeededGenerator(seed: 14)
    let digits = { (count: Int) in (0..<count).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined() }
    func steps(_ text: String) -> Int {
      var steps = 0
      _ = finder.find(in: text, steps: &steps)
      return steps
    }
    for count in [100, 1_000, 16_000, 20_000] {
      #expect(steps(digits(count)) <= 70 * count)
      for piece in ["1 ", "1-", "138 ", "13800138000 ", "a@", "1@", "+1-", "x1", "1(", "一", "call 1", "a@b.cn1 "] {
        let text = String(repeating: piece, count: count / piece.count)
        #expect(steps(text) <= 140 * count, "\(piece)")
      }
    }
  }

  @Test func timeIsLinear() {
    for piece in ["1 ", "1@", "@", "1(", "a.", "+1-"] {
      #expect(finder.find(in: String(repeating: piece, count: 20_000)).count <= 1, "\(piece)")
    }
  }
}
