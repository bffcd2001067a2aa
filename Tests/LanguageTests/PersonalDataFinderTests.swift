import Testing

@testable import Language

@Suite struct PersonalDataFinderTests {
  private let finder = PersonalDataFinder()

  /// Numbers are those that standards and payment networks publish as examples, or end in a check character worked out by hand.
  @Test(
    "masks what identifies a person",
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
  func masks(text: String, masked: String) {
    #expect(finder.mask(text) == masked)
  }

  @Test(
    "leaves readable what only looks like it",
    arguments: [
      "order 20261122000134", "4111 1111 1111 1112", "it costs 1299.00, not 1,399", "12800138000", "call 400-820-8820",
      "parcel SF13800138000X9", "see me @ noon", "a@b", "@home", "11010519491231002Y", "0000000000000000",
      "2026-11-22 10:30",
      "", "abc", "7", "🙂@🙂.com", "+", "(", "((((1", "1 2 3 4 5 6 7",
    ])
  func leaves(text: String) {
    #expect(finder.mask(text) == text)
  }

  @Test func checksTheCheckDigits() {
    let digits = { (text: String) in text.unicodeScalars.map { $0 == "X" ? 10 : $0.value - 0x30 } }
    let identity = digits("11010519491231002X")
    #expect(PersonalDataFinder.isIdentityNumber(identity))
    let card = digits("4111111111111111")
    #expect(PersonalDataFinder.isCard(card))
    for place in 0..<17 {
      var changed = identity
      changed[place] = (changed[place] + 1) % 10
      #expect(!PersonalDataFinder.isIdentityNumber(changed), "digit \(place)")
    }
    for place in card.indices {
      var changed = card
      changed[place] = (changed[place] + 1) % 10
      #expect(!PersonalDataFinder.isCard(changed), "digit \(place)")
    }
  }

  @Test func tellsRangesInScalarsInOrder() {
    let found = finder.find(in: "👩‍👩‍👧 13800138000 a@b.cn")
    #expect(found.map(\.kind) == [.phone, .mail])
    #expect(found.map(\.range) == [6..<17, 18..<24])
  }

  @Test func takesTimeInProportion() {
    for piece in ["1 ", "1@", "@", "1(", "a.", "+1-"] {
      #expect(finder.find(in: String(repeating: piece, count: 20_000)).count <= 1, "\(piece)")
    }
  }
}
