import Curl
import DeskCore
import Foundation
import NIOCore
import Store
import Testing

@testable import Console
@testable import UseCases

@Suite struct PageTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Services/Console/Pages/assets").standardizedFileURL

  @Test func everyFileIsEmbedded() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path()).sorted()
    #expect(files.count > 20 && PageAssets.embedded.names == files)
    for name in files {
      let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
      let isSource = name.hasSuffix(".js") || name.hasSuffix(".css")
      let sent = isSource ? PageSource.withoutComments(text) : text
      #expect(PageAssets.embedded.asset(name).map { String(buffer: $0.body) } == sent, "\(name)")
    }
  }

  @Test func linesThatAreCommentsAreNotSent() {
    let source =
      "// a\n/** b\n * c\n */\nconst x = 'http://d'; // e\n  /** @type {any} */ (x).f();\n  /* g */\n* { h: i; }\n"
    let sent = "\n\n\n\nconst x = 'http://d'; // e\n  /** @type {any} */ (x).f();\n\n* { h: i; }\n"
    #expect(PageSource.withoutComments(source) == sent)
  }

  @Test func everyModuleThatIsImportedExists() throws {
    let names = Set(PageAssets.embedded.names)
    for name in names where name.hasSuffix(".js") {
      let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
      for match in text.matches(of: /from '\.\/([a-z.-]+)'/) {
        #expect(names.contains(String(match.1)), "\(name) imports \(match.1)")
      }
      for match in text.matches(of: /import\('\.\/([a-z.-]+)'\)/) {
        #expect(names.contains(String(match.1)), "\(name) loads \(match.1)")
      }
      for match in text.matches(of: /catalogue\('([a-z-]+)'\)/) {
        #expect(names.contains("text-\(match.1).zh.json"), "\(name) reads \(match.1)")
      }
    }
    for page in Page.allCases where page != .signIn { #expect(names.contains("page-\(page.rawValue).js")) }
  }

  /// What a browser loads for the agent's desk, in either language.
  @Test func theDeskIsSmall() throws {
    let common = try Self.modules(loadedBy: ["main.js", "page-desk.js"]) + ["desk.css", "icon.svg", "icons.svg"]
    for language in ["text.en.js", "text.zh.js"] {
      let bytes = (common + [language]).compactMap { PageAssets.embedded.asset($0)?.body.readableBytes }.reduce(0, +)
      #expect(bytes > 50_000 && bytes < 150_000, "\(language): \(bytes) bytes")
    }
  }

  /// The modules and those that they import at once.
  private static func modules(loadedBy first: [String]) throws -> [String] {
    var (found, open): (Set<String>, [String]) = ([], first)
    while let name = open.popLast() {
      guard found.insert(name).inserted else { continue }
      let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      open += text.matches(of: /from '\.\/([a-z.-]+)'/).map { String($0.1) }
    }
    return found.sorted()
  }

  @Test func bothLanguagesHaveEveryText() throws {
    func keys(_ name: String) throws -> [String] {
      let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
      return text.matches(of: /(?:^|[ {,])'([a-z0-9_.-]+)': ['{]/).map { String($0.1) }
    }
    // The desk's texts, and those of the other pages.
    for file in ["text", "text-office"] {
      let (english, chinese) = (try keys("\(file).en.js"), try keys("\(file).zh.js"))
      #expect(Set(english) == Set(chinese) && chinese.count == english.count)
    }
    let desk = try keys("text.en.js")
    // What the desk is told by a fixed word.
    let words = StaffNotice.kinds.map { "notice.\($0)" } + StuckQueueRule.Reason.allCases.map { "stuck.\($0.rawValue)" }
    #expect(words.filter { !desk.contains($0) } == [])
    let english = desk + (try keys("text-office.en.js"))
    #expect(english.count > 500 && Set(english).count == english.count)
    // Every text that a module asks for by a literal key exists.
    let known = Set(english)
    for name in PageAssets.embedded.names where name.hasSuffix(".js") {
      let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
      for match in text.matches(of: /\bt\('([a-z0-9_.-]+)'/) {
        #expect(known.contains(String(match.1)), "\(name): \(match.1)")
      }
    }
    for name in try Self.modules(loadedBy: ["main.js", "page-desk.js"]) + [
      "acts.js", "callback-list.js", "callback-time.js", "changed.js", "drafts.js", "inspections.js", "palette.js",
      "relate.js", "search.js",
    ] {
      let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
      for match in text.matches(of: /\bt\('([a-z0-9_.-]+)'/) {
        #expect(Set(desk).contains(String(match.1)), "\(name): \(match.1) is not among the desk's texts")
      }
    }
  }

  /// The columns of every table that is made from an answer's fields: `column.NAME`.
  @Test func everyColumnOfAReportHasATextInBothLanguages() throws {
    let columns =
      ["group"] + ReportMeasure.all.map(\.key) + QualityMeasure.all.map(\.key)
    for language in ["en", "zh"] {
      let text = try String(contentsOf: Self.folder.appending(path: "text-office.\(language).js"), encoding: .utf8)
      #expect(columns.filter { !text.contains("'column.\($0)': '") } == [], "\(language)")
      // Named as in the chart and on the command line.
      for measure in ReportMeasure.all where measure.key.hasPrefix("agent_") {
        let title = measure.title(in: language == "zh" ? .chinese : .english)
        let words = title.split(separator: language == "zh" ? " " : ",").first.map(String.init) ?? title
        let line = text.split(separator: "\n").first { $0.contains("'column.\(measure.key)'") }
        #expect(line?.lowercased().contains(": '\(words)") == true, "\(measure.key): \(words)")
      }
    }
  }

  @Test func textsAndAttributesAreEscaped() {
    let page = HTMLElement.document(
      .element("p", [("title", "\"><script>"), ("hidden", nil)], [.text("<b>&'\"")]))
    #expect(
      page == "<!doctype html>\n<p title=\"&quot;&gt;&lt;script&gt;\" hidden>&lt;b&gt;&amp;&#39;&quot;</p>\n")
  }

  @Test func pagesAreServedToEverybodyAndRunNothingElse() async throws {
    try await StaffedDesk.serving { _, client, url in
      for page in Page.allCases {
        let response = try await client.send(
          HTTPClient.Request(method: "GET", url: url + page.path, headers: .init(), body: []))
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(response.status == 200 && response.headers["content-type"] == "text/html; charset=utf-8")
        let policy = try #require(response.headers["content-security-policy"])
        #expect(policy == PageRoutes.contentSecurityPolicy && !policy.contains("unsafe"))
        #expect(!text.contains("<script>") && !text.contains(" style=") && !text.contains(" onclick="))
        for match in text.matches(of: /(?:src|href)="([^"]+)"/) {
          let asset = try await client.send(
            HTTPClient.Request(method: "GET", url: url + String(match.1), headers: .init(), body: []))
          #expect(asset.status == 200 && asset.headers["cache-control"]?.contains("immutable") == true)
        }
      }
      let start = try await client.send(HTTPClient.Request(method: "GET", url: url + "/", headers: .init(), body: []))
      #expect(start.status == 303 && start.headers["location"] == "/desk")
      let missing = try await client.send(
        HTTPClient.Request(method: "GET", url: url + "/assets/x/..%2fPackage.swift", headers: .init(), body: []))
      #expect(missing.status == 404)
      let old = try await client.send(
        HTTPClient.Request(method: "GET", url: url + "/assets/0000/main.js", headers: .init(), body: []))
      #expect(old.status == 200 && old.headers["cache-control"] == "no-store")
    }
  }

  @Test func aBrowserGetsAPageForAnAddressThatIsNone() async throws {
    try await StaffedDesk.serving { _, client, url in
      func open(_ path: String, _ headers: HTTPHeaders) async throws -> HTTPClient.Response {
        try await client.send(HTTPClient.Request(method: "GET", url: url + path, headers: headers, body: []))
      }
      let html = "text/html,application/xhtml+xml,*/*;q=0.8"
      for (language, words) in [("zh-CN,zh;q=0.9", "返回首页"), ("en-GB", "To the first page")] {
        let page = try await open("/nowhere", ["accept": html, "accept-language": language])
        let text = String(decoding: page.body, as: UTF8.self)
        #expect(page.status == 404 && page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(text.contains(words) && text.contains("href=\"/\""))
      }
      for (path, there) in [("/audit", "/operations"), ("/answers", "/policy"), ("/crises?x=1", "/wallboard")] {
        let moved = try await open(path, ["accept": html])
        #expect(moved.status == 303 && moved.headers["location"] == there)
      }
      // Programs get a problem.
      for (path, accepted) in [("/audit", "application/json"), ("/nowhere", "*/*"), ("/v1/nowhere", html)] {
        let problem = try await open(path, ["accept": accepted])
        #expect(problem.status == 404 && problem.headers["content-type"] == "application/problem+json", "\(path)")
      }
    }
  }

  @Test(arguments: [
    ("zh-CN,zh;q=0.9,en;q=0.8", true), ("en-GB,en;q=0.9,zh;q=0.8", false), ("de, ZH-hant, en", true), ("", false),
    ("de", false),
  ]) func theBrowsersLanguageDecides(accepted: String, isChinese: Bool) {
    #expect(PageRoutes.prefersChinese(accepted) == isChinese)
  }
}
