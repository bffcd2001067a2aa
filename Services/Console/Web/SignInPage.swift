import HTTPTypes
import UntrustedInput

/// The page that says why a sign-in by the company's provider failed, and what to do. It is complete without a module, in the language that
/// the person chose.
struct SignInPage: Sendable {
  let failure: SignInFailure
  /// The provider's name; nil if it is not known.
  let provider: String?
  /// The address that begins another attempt.
  let again: String
  let isChinese: Bool

  func html(assets: PageAssets) -> String {
    let (what, remedy) = texts
    var content: [HTMLElement] = [
      .element("h1", text: isChinese ? "登录未成功" : "You are not signed in"),
      .element("p", [("role", "alert")], text: what), .element("p", text: remedy),
    ]
    if failure.canBeRetried {
      content.append(
        .element(
          "p", [],
          [.element("a", [("class", "button primary"), ("href", again)], text: isChinese ? "重新登录" : "Sign in again")]))
    }
    content.append(
      .element(
        "p", [], [.element("a", [("href", Page.signIn.path)], text: isChinese ? "其他登录方式" : "Other ways to sign in")]))
    return HTMLElement.page(
      "sign-in-failed", isChinese: isChinese, attributes: [("data-failure", failure.code)],
      title: isChinese ? "登录 · Frontdesk" : "Sign in · Frontdesk", assets: assets,
      body: [.element("main", [("class", "sign-in")], content)])
  }

  /// What happened, and what to do.
  private var texts: (what: String, remedy: String) { isChinese ? chinese : english }

  private var english: (String, String) {
    let company = provider ?? "Your company's sign-in"
    return switch failure {
    case .noProvider:
      (
        "This desk does not offer this way to sign in.",
        "Use another way to sign in, or ask an operator of the desk to allow your company's sign-in."
      )
    case .notBegun:
      (
        "This browser has not begun a sign-in, or it took longer than ten minutes.",
        "Sign in again, and finish in the same browser. Cookies of this site must be allowed."
      )
    case .late: ("The sign-in took longer than ten minutes.", "Sign in again.")
    case .foreign:
      (
        "The answer does not belong to the sign-in that this browser began last.",
        "Sign in again, in one tab only. If you did not begin a sign-in yourself, close this page."
      )
    case .used: ("This answer was used already, or has expired.", "Sign in again.")
    case .declined:
      (
        "\(company) did not confirm the sign-in.",
        "Sign in again. If it is refused each time, ask your company's IT whether you may use this desk."
      )
    case .token:
      (
        "What \(company) answered cannot be trusted, so it was refused.",
        "Sign in again. If it happens each time, tell an operator of the desk."
      )
    case .noName:
      (
        "\(company) did not say who you are at this desk.",
        "Ask an operator of the desk: the claim that names agents is missing, or is not verified."
      )
    case .noAgent(let name):
      (
        "You are signed in at \(company) as “\(shown(name))”, but this desk has no such agent.",
        "Ask your lead or an operator of the desk to add you, and tell them this name."
      )
    case .noRole(let name):
      (
        "You are signed in at \(company) as “\(shown(name))”, but have no role at this desk.",
        "Ask your lead or an operator of the desk which of your company's groups you need."
      )
    case .unreachable:
      (
        "\(company) does not respond at the moment.",
        "Try again in a minute. If it lasts, ask an operator of the desk for a sign-in link."
      )
    case .misconfigured:
      (
        "This desk and \(company) do not understand each other.",
        "Tell an operator of the desk: the address, the client or its secret is wrong. A sign-in link still works."
      )
    case .deskUnavailable: ("The desk does not respond at the moment.", "Try again in a minute.")
    }
  }

  private var chinese: (String, String) {
    let company = provider.map { "“\($0)”" } ?? "公司登录服务"
    return switch failure {
    case .noProvider: ("本系统未开通这种登录方式。", "请使用其他登录方式，或联系运维人员开通公司账号登录。")
    case .notBegun: ("当前浏览器没有正在进行的登录，或已超过十分钟。", "请重新登录，并在同一浏览器中完成。请允许本网站使用 Cookie。")
    case .late: ("登录超过了十分钟。", "请重新登录。")
    case .foreign: ("返回的结果与本浏览器最近一次登录不符。", "请重新登录，且只使用一个标签页。如果不是您本人发起的登录，请关闭此页。")
    case .used: ("该登录结果已被使用或已过期。", "请重新登录。")
    case .declined: ("\(company)未确认本次登录。", "请重新登录。如果每次都被拒绝，请向公司 IT 部门确认您是否有权使用本系统。")
    case .token: ("\(company)返回的登录结果不可信，已拒绝。", "请重新登录。如果反复出现，请联系运维人员。")
    case .noName: ("\(company)没有提供您在本系统中的身份。", "请联系运维人员：缺少标识客服的声明（claim），或该声明未经验证。")
    case .noAgent(let name): ("您已用“\(shown(name))”登录\(company)，但本系统中没有这位客服。", "请联系组长或运维人员为您开通，并告知上述名称。")
    case .noRole(let name): ("您已用“\(shown(name))”登录\(company)，但在本系统中没有角色。", "请向组长或运维人员确认您需要加入公司的哪个用户组。")
    case .unreachable: ("\(company)暂时没有响应。", "请一分钟后重试。如果持续如此，请联系运维人员获取登录链接。")
    case .misconfigured: ("本系统与\(company)的登录配置不一致。", "请联系运维人员：地址、客户端或密钥有误。仍可使用登录链接登录。")
    case .deskUnavailable: ("系统暂时没有响应。", "请一分钟后重试。")
    }
  }

  private func shown(_ name: String) -> String { VisibleText.line(name) }
}
