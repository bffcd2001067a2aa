import Testing

@testable import DeskCore

@Suite("What a message does in the conversation")
struct DialogueActTests {
  private func act(_ text: String, _ labels: Labels = .sample(language: "en")) -> DialogueAct {
    ConversationPolicy().read(FoldedText(text), labels: labels).act
  }

  @Test(arguments: [
    "Thanks!", "thank you so much", "Thanks a lot for your help", "ok, thanks", "It works now, thank you!",
    "All good 👍",
    "Hi, thanks, solved", "No problem, thanks", "谢谢", "好的，谢谢您", "非常感谢你的帮助！", "问题已经解决了，谢谢", "谢谢啦😊", "感謝",
    "嗯嗯 知道了", "🙏",
  ])
  func closingWordsClose(_ text: String) {
    #expect(act(text) == .closing)
  }

  @Test(arguments: [
    "thanks, but it still does not work", "Thanks, when will it arrive?", "ok?", "thank you, no", "not solved, thanks",
    "Thanks a lot for ruining my day", "ok, help", "unsolved", "谢谢，但是还没收到", "好的，什么时候能到", "没收到", "收到了吗",
    "谢谢，有问题", "好的，帮忙退款", "不好", "", "…", "Where is my parcel?", "I will call my lawyer",
  ])
  func anythingElseIsAConcern(_ text: String) {
    #expect(act(text) == .concern)
  }

  @Test(arguments: [
    "Hi", "hello there!", "Hey, anyone there?", "Good morning, dear team", "你好", "您好，在吗？", "有人吗", "你好呀😊", "ＨＥＬＬＯ",
  ])
  func aGreetingSaysNothing(_ text: String) {
    #expect(act(text) == .greeting)
  }

  @Test(arguments: ["Hi, my parcel is lost", "hello help", "你好，我要退款", "his", "say hi to my lawyer"])
  func aGreetingWithAConcernIsAConcern(_ text: String) {
    #expect(act(text) == .concern)
  }

  @Test func anUpsetOrUrgentMessageDoesNotClose() {
    #expect(act("thanks", .sample(sentiment: .negative)) == .concern)
    #expect(act("thanks", .sample(urgency: .high)) == .concern)
  }

  @Test func theShareDecides() {
    var policy = ConversationPolicy()
    let text = FoldedText("thanks xyz")
    // Six of nine letters.
    policy.closingFrom = 0.6
    #expect(policy.read(text, labels: .sample()) == DialogueActReading(.closing, share: 6.0 / 9))
    policy.closingFrom = 0.7
    #expect(policy.read(text, labels: .sample()) == .concern)
  }

  @Test func aLongMessageIsAlwaysAConcern() {
    let longest = ConversationPolicy.longestAct
    let thanks = String(repeating: "谢", count: longest)
    var policy = ConversationPolicy()
    policy.closings = ["谢"]
    #expect(policy.read(FoldedText(thanks), labels: .sample()).act == .closing)
    #expect(policy.read(FoldedText(thanks + "谢"), labels: .sample()).act == .concern)
  }

  @Test func listsOfThePolicyReplaceTheBuiltInOnes() {
    var policy = ConversationPolicy()
    policy.closings = ["merci"]
    policy.objections = []
    #expect(policy.read(FoldedText("Merci !"), labels: .sample()).act == .closing)
    #expect(policy.read(FoldedText("thanks"), labels: .sample()).act == .concern)
  }
}
