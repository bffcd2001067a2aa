import DeskCore
import TestKit
import Testing

@Suite("Texts from outside are compared by their bytes")
struct ExactStringTests {
  @Test("texts that Swift considers equal are different keys")
  func distinguishesUnicodeForms() {
    let keys = NormalForms.texts.map { ExactString($0) }
    #expect(Set(keys).count == NormalForms.texts.count)
    #expect(Set(NormalForms.texts.map { Array($0.utf8) }).count == NormalForms.texts.count)
    // The set is a useful check only while `String` would fail here.
    #expect(Set(NormalForms.texts).count < NormalForms.texts.count)
    for key in keys { #expect(keys.count { $0 == key } == 1) }
  }

  @Test("the order is the order of the bytes")
  func ordersByBytes() {
    let sorted = NormalForms.texts.map { ExactString($0) }.sorted().map { Array($0.string.utf8) }
    #expect(sorted == NormalForms.texts.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
  }

  @Test("policy names and timeline details are distinguished as well")
  func keysAndDetailsAreComparedByBytes() {
    #expect(Set(NormalForms.texts.map { ChannelID($0) }).count == NormalForms.texts.count)
    #expect(Set(NormalForms.texts.map { JSONValue.text($0) }).count == NormalForms.texts.count)
    #expect(Set(NormalForms.texts.map { JSONValue.object([.init($0, .flag(true))]) }).count == NormalForms.texts.count)
    let object = JSONValue.object(NormalForms.texts.map { .init($0, .text($0)) })
    for text in NormalForms.texts { #expect(object[text]?.text.map { Array($0.utf8) } == Array(text.utf8)) }
    let turned = JSONValue.object(NormalForms.texts.reversed().map { .init($0, .text($0)) })
    #expect(object.canonical == turned.canonical)
    #expect(JSONValue(json: object.json) == object)
  }
}
