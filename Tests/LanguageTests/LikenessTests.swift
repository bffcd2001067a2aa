import Testing

@testable import Language

@Suite("Messages with nearly the same content are similar")
struct LikenessTests {
  private func likeness(_ left: String, _ right: String) throws -> Double {
    let other = try #require(Likeness(of: right))
    return try #require(Likeness(of: left)).to(other)
  }

  @Test func identicalTextIsFullySimilar() throws {
    #expect(try likeness("The app crashes when I open the camera", "the APP crashes when I open the camera!") == 1)
  }

  @Test(arguments: [
    ("The app crashes when I open the camera", "App crashes each time when I open the camera"),
    ("希望增加夜间模式功能", "希望你们增加夜间模式"),
  ])
  func smallChangesKeepMessagesSimilar(_ left: String, _ right: String) throws {
    #expect(try likeness(left, right) >= 0.4)
  }

  @Test(arguments: [
    ("The app crashes when I open the camera", "Please add a dark mode"), ("希望增加夜间模式功能", "打开相机就闪退"),
  ])
  func unrelatedMessagesAreNotSimilar(_ left: String, _ right: String) throws {
    #expect(try likeness(left, right) < 0.2)
  }

  @Test func aSignatureRoundTripsThroughBytes() throws {
    let signature = try #require(Likeness(of: "希望增加夜间模式功能"))
    #expect(signature.bytes.count == 256)
    #expect(Likeness(bytes: signature.bytes) == signature)
    #expect(Likeness(bytes: [1, 2, 3]) == nil)
    #expect(Likeness(of: "…!?") == nil)
  }
}
