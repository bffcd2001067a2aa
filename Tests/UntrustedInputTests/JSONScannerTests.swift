import DeskCore
import Foundation
import TestKit
import Testing
import UntrustedInput

@Suite("JSONScanner")
struct JSONScannerTests {
  private func scan(_ bytes: [UInt8]) throws(JSONError) -> JSONDocument {
    try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in try JSONScanner.scan(buffer: buffer) }
  }

  private func scan(_ text: String) throws(JSONError) -> JSONDocument { try scan(Array(text.utf8)) }

  @Test("every kind of value is read")
  func readsValues() throws {
    let value = try scan(
      #" { "a" : [ null , true , false , -1.5e+3 , "x\n\u00e9\ud83d\ude00\/" , {} , [] ] , "a" : 0 } "#)
    #expect(
      value
        == .object([
          .init(
            name: "a",
            value: .list([
              .null, .flag(true), .flag(false), .number("-1.5e+3"), .text("x\né😀/"), .object([]), .list([]),
            ])),
          .init(name: "a", value: .number("0")),
        ]))
  }

  @Test(
    "errors report the position",
    arguments: [
      ("", JSONError.Reason.empty, 0), ("[1,]", .unexpectedByte, 3), ("[1", .truncated, 2), ("1 2", .trailingBytes, 2),
      (#"["\q"]"#, .badEscape, 2), (#"["\udc00"]"#, .loneSurrogate, 2), ("[01]", .badNumber, 1),
      ("[\"\u{2}\"]", .controlCharacter, 1),
    ])
  func reportsTheErrorPosition(text: String, reason: JSONError.Reason, offset: Int) {
    #expect(throws: JSONError(reason: reason, offset: offset)) { _ = try self.scan(text) }
  }

  @Test("depth is bounded exactly")
  func boundsDepth() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(throws: Never.self) { _ = try self.scan(nested(JSONLimits.depth)) }
    #expect(throws: JSONError(reason: .tooDeep, offset: JSONLimits.depth)) {
      _ = try self.scan(nested(JSONLimits.depth + 1))
    }
  }

  @Test("random documents are read like Foundation reads them", arguments: 0..<40)
  func agreesWithFoundation(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed) + 1)
    for _ in 0..<50 {
      let text = RandomDocument.text(depth: 4, using: &random)
      let ours = try scan(text)
      let theirs = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
      #expect(RandomDocument.isEqual(ours, theirs), "seed \(seed): \(text)")
    }
  }

  @Test("damaged documents are rejected or read, like in Foundation, and never crash", arguments: 0..<40)
  func survivesDamage(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed) + 1000)
    for _ in 0..<100 {
      var bytes = Array(RandomDocument.text(depth: 3, using: &random).utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        guard !bytes.isEmpty else { break }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        default: bytes.removeSubrange(place...)
        }
      }
      let isTaken = (try? scan(bytes)) != nil
      let text = String(validating: bytes, as: UTF8.self)
      if isTaken {
        #expect(text != nil, "bytes that are not UTF-8 were accepted, seed \(seed)")
        #expect(
          (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil,
          "seed \(seed): \(text ?? "")")
      }
    }
  }

  @Test("UTF-8 is validated like in the standard library", arguments: 0..<20)
  func checksUTF8(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed) + 5000)
    for _ in 0..<500 {
      let leads: [UInt8] = [0x41, 0xC1, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0x80, 0x9F, 0xA0, 0xBF]
      let bytes = (0..<Int.random(in: 0...20, using: &random)).map { _ in leads.randomElement(using: &random) ?? 0 }
      let isValid = bytes.withUnsafeBufferPointer { UTF8Check.firstInvalid(in: $0) == nil }
      #expect(isValid == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
    }
  }
}

/// Reading past damaged values.
extension JSONScannerTests {
  private func read(_ bytes: [UInt8]) -> JSONScanner.Reading {
    bytes.withUnsafeBufferPointer { JSONScanner.read(buffer: $0) }
  }

  private func read(_ text: String) -> JSONScanner.Reading { read(Array(text.utf8)) }

  @Test("a damaged string is skipped, and everything else is read")
  func passesDamage() {
    let surrogate = JSONError(reason: .loneSurrogate, offset: 2)
    let reading = read(#"["\ud83d","a",{"\x":1,"b":"\u12","c":["\n"]}]"#)
    #expect(reading.error == surrogate)
    guard case .list(let elements)? = reading.document, case .object(let members) = elements[2] else {
      Issue.record("\(reading)")
      return
    }
    #expect(Array(elements[0...1]) == [.damaged(surrogate), .text("a")])
    #expect(members.map(\.name) == ["", "b", "c"])
    #expect(members.map(\.nameError?.reason) == [.badEscape, nil, nil])
    #expect(members[1].value == .damaged(JSONError(reason: .badEscape, offset: 27)))
    #expect(members[2].value == .list([.text("\n")]))
  }

  @Test(
    "the end of a damaged string is the next quote that is not escaped",
    arguments: [
      (#"["\x\"]","b"]"#, 2), (#"["\\\x","b"]"#, 2), (#"["\ud83d\\","b"]"#, 2), (#"["\u\"","b"]"#, 2),
      (#"["\ud83d\ud83d","b"]"#, 2), (#"["\ud83d"]"#, 1), ("[\"\u{1}\\\"\",\"b\"]", 2), ("[\"\n\",\"b\"]", 2),
    ])
  func findsEnds(text: String, count: Int) {
    guard case .list(let elements)? = read(text).document else {
      Issue.record("\(text) is not read")
      return
    }
    #expect(elements.count == count)
    #expect(elements.last == (count == 2 ? .text("b") : elements.last))
    #expect(throws: JSONError.self) { _ = try self.scan(text) }
  }

  @Test(
    "an unterminated string is incomplete, regardless of its content",
    arguments: [#"["\ud83d]"#, #"["\x\""#, #"["\"#, #"["\u1"#])
  func refusesEndless(text: String) {
    let reading = read(text)
    #expect(reading.document == nil && reading.error?.reason == .truncated)
  }

  @Test("a number that is too long is skipped as well")
  func passesLongNumbers() {
    let long = String(repeating: "1", count: JSONLimits.numberBytes + 1)
    let error = JSONError(reason: .badNumber, offset: 1)
    let reading = read("[\(long),2]")
    #expect(reading.document == .list([.damaged(error), .number("2")]) && reading.error == error)
    #expect(throws: error) { _ = try self.scan("[\(long),2]") }
  }

  @Test("bytes that are not UTF-8 damage only the string that contains them")
  func passesInvalidBytes() {
    let bytes = Array(#"["é","?","\n?",{"?":"a"},"b"]"#.utf8).split(separator: UInt8(ascii: "?")).joined(separator: [
      0xE5, 0xAE,
    ])
    let reading = read(Array(bytes))
    guard case .list(let elements)? = reading.document, elements.count == 5 else {
      Issue.record("\(reading)")
      return
    }
    #expect(elements[0] == .text("é") && elements[4] == .text("b"))
    #expect(elements[1] == .damaged(JSONError(reason: .invalidUTF8, offset: 7)))
    #expect(elements[2] == .damaged(JSONError(reason: .invalidUTF8, offset: 14)))
    #expect(elements[3].isDamagedObject)
    #expect(read([0xFF, 0x5B, 0x5D]).error == JSONError(reason: .invalidUTF8, offset: 0))
  }

  @Test("members before a structural error are kept")
  func salvages() {
    let reading = read(#"{"id":"a","n":[1,{"id":"no"}],"text":"x" oops"#)
    #expect(reading.document == nil && reading.error?.reason == .unexpectedByte)
    #expect(reading.salvaged.map(\.name) == ["id", "n", "text"])
    #expect(read(#"[{"id":"a"},oops"#).salvaged.isEmpty)
  }

  @Test("a byte order mark at the beginning is ignored")
  func skipsByteOrderMark() throws {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    #expect(try scan(mark + Array(" [1]".utf8)) == .list([.number("1")]))
    #expect(throws: JSONError(reason: .unexpectedByte, offset: 3)) { _ = try self.scan(mark + mark + [0x31]) }
    #expect(throws: JSONError(reason: .empty, offset: 0)) { _ = try self.scan(mark) }
    #expect(try scan(Array("\"\u{FEFF}\"".utf8)) == .text("\u{FEFF}"))
  }

  @Test("reading without an error equals scanning, and damage never shifts what follows", arguments: 0..<40)
  func agreesWithScan(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed) + 9000)
    let damages: [[UInt8]] = [
      Array(#"\ud83d"#.utf8), Array(#"\q"#.utf8), [0xFF], [0x01], Array(#"\u00"#.utf8), [0xE5, 0xAE],
    ]
    for _ in 0..<50 {
      let texts = (0..<4).map { _ in RandomDocument.text(depth: 3, using: &random) }
      let damage = damages.randomElement(using: &random) ?? []
      let bytes = Array("[\(texts[0]),\(texts[1]),\"".utf8) + damage + Array("\",\(texts[2]),\(texts[3])]".utf8)
      guard case .list(let elements)? = read(bytes).document else {
        Issue.record("seed \(seed)")
        continue
      }
      #expect(elements.count == 5)
      for (place, text) in zip([0, 1, 3, 4], texts) { #expect((try? scan(text)) == elements[place], "seed \(seed)") }
      if case .damaged = elements[2] {} else { Issue.record("seed \(seed): the damage was not seen") }
    }
  }
}

extension JSONDocument {
  fileprivate var isDamagedObject: Bool {
    if case .object(let members) = self { members.contains { $0.nameError != nil } } else { false }
  }
}

/// Random documents, and their comparison with Foundation's result.
enum RandomDocument {
  static func text(depth: Int, using random: inout some RandomNumberGenerator) -> String {
    let space = [" ", "", "\n\t", ""].randomElement(using: &random) ?? ""
    switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
    case 0: return space + "null"
    case 1: return space + (Bool.random(using: &random) ? "true" : "false")
    case 2, 3: return space + number(using: &random)
    case 4: return space + string(using: &random)
    case 5, 6:
      let names = (0..<Int.random(in: 0...4, using: &random)).map { "\"n\($0)\"" }
      let members = names.map { "\($0)\(space):" + text(depth: depth - 1, using: &random) }
      return space + "{" + members.joined(separator: ",") + space + "}"
    default:
      let elements = (0..<Int.random(in: 0...4, using: &random)).map { _ in text(depth: depth - 1, using: &random) }
      return space + "[" + elements.joined(separator: ",") + space + "]"
    }
  }

  private static func number(using random: inout some RandomNumberGenerator) -> String {
    let integer = String(Int.random(in: -1_000_000...1_000_000, using: &random))
    let fraction = Bool.random(using: &random) ? ".\(Int.random(in: 0...999, using: &random))" : ""
    let exponent = Bool.random(using: &random) ? ["e3", "E+2", "e-4"].randomElement(using: &random) ?? "" : ""
    return integer + fraction + exponent
  }

  private static func string(using random: inout some RandomNumberGenerator) -> String {
    let pieces = ["a", "é", "客服", "😀", #"\n"#, #"\""#, #"\\"#, #"\/"#, #"\u00e9"#, #"\ud83d\ude00"#, #"\u0041"#, " "]
    return "\""
      + (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
      .joined() + "\""
  }

  static func isEqual(_ ours: JSONDocument, _ theirs: Any) -> Bool {
    switch ours {
    case .null: return theirs is NSNull
    case .flag(let flag): return (theirs as? NSNumber)?.boolValue == flag
    case .number(let text): return (theirs as? NSNumber)?.doubleValue == Double(text)
    case .text(let text): return theirs as? String == text
    case .damaged: return false
    case .list(let elements):
      guard let list = theirs as? [Any], list.count == elements.count else { return false }
      return zip(elements, list).allSatisfy { isEqual($0, $1) }
    case .object(let members):
      guard let object = theirs as? [String: Any], object.count == members.count else { return false }
      return members.allSatisfy { member in object[member.name].map { isEqual(member.value, $0) } ?? false }
    }
  }
}
