import Testing

@testable import Language

@Suite struct MessageLanguageTests {
  @Test(
    "detects the language by script",
    arguments: [
      ("我的快递到哪了", "zh-Hans"),
      ("這個訂單什麼時候會送達", "zh-Hant"),
      ("退款", "zh-Hans"),
      ("我的 iPhone 屏幕坏了", "zh-Hans"),
      ("Where is my parcel?", "en"),
      ("My order from 上海 is late, where is it now", "en"),
      ("请问 where is my order 现在到哪里了 thanks", "mixed"),
      ("Где моя посылка?", "other"),
      ("荷物はいつ届きますか", "other"),
      ("배송이 언제 오나요", "other"),
      ("12345", "und"),
      ("👍👍!!", "und"),
      ("", "und"),
      ("ＨＥＬＬＯ ＴＨＥＲＥ", "en"),
    ])
  func detectsTheLanguage(text: String, language: String) {
    #expect(MessageLanguage(of: text).rawValue == language)
  }
}
