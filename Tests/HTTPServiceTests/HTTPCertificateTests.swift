import Curl
import Foundation
import Hummingbird
import TestKit
import TestService
import Testing

@testable import HTTPService
@testable import ServiceSettings

/// HTTPS served by the services themselves.
@Suite(.timeLimit(.minutes(3))) struct HTTPCertificateTests {
  private func inFolder(_ body: (String) async throws -> Void) async throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = temporary.path
    try Self.chain.write(toFile: "\(folder)/chain.pem", atomically: true, encoding: .utf8)
    try Self.key.write(toFile: "\(folder)/key.pem", atomically: true, encoding: .utf8)
    try Self.anotherKey.write(toFile: "\(folder)/another.pem", atomically: true, encoding: .utf8)
    try await body(folder)
  }

  private func configuration(_ arguments: [String]) throws -> ServiceConfiguration {
    let outcome = try ServiceConfiguration.load(
      program: "frontdesk-test", summary: "", version: "1",
      keys: HTTPListening.keys + [ConfigurationKey("http-listen", default: "127.0.0.1:0", help: "")],
      arguments: arguments, environment: [:])
    guard case .configuration(let configuration) = outcome else { throw POSIXError(.EINVAL) }
    return configuration
  }

  @Test func onlyClientsThatTrustTheCertificateAreServed() async throws {
    try await inFolder { folder in
      let limits = try HTTPListening.limits(
        configuration(["--http-certificate", "\(folder)/chain.pem", "--http-private-key", "\(folder)/key.pem"]))
      let router = Router(context: DeskRequestContext.self)
      router.get("/open") { _, _ in "open" }
      try await LoopbackServer.with(router, limits: limits) { port in
        var trusting = HTTPClient.Configuration()
        trusting.trustedCertificatesFile = "\(folder)/chain.pem"
        let client = try HTTPClient(configuration: trusting)
        let answer = try await client.send(.init(url: "https://localhost:\(port)/open"))
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self) == "open")
        // No plain HTTP is served on the same port.
        await #expect(throws: HTTPClientError.self) {
          try await client.send(.init(url: "http://localhost:\(port)/open"))
        }
        await client.shutDown()
        let stranger = try HTTPClient()
        await #expect(throws: HTTPClientError.self) {
          try await stranger.send(.init(url: "https://localhost:\(port)/open"))
        }
        await stranger.shutDown()
      }
    }
  }

  @Test func unusableFilesAreNamedAtStartup() async throws {
    try await inFolder { folder in
      let cases: [(arguments: [String], place: String, problem: String)] = [
        (["--http-certificate", "\(folder)/chain.pem"], "http-certificate", "is set without --http-private-key"),
        (["--http-private-key", "\(folder)/key.pem"], "http-private-key", "is set without --http-certificate"),
        (
          ["--http-certificate", "\(folder)/none.pem", "--http-private-key", "\(folder)/key.pem"], "http-certificate",
          "cannot be read as certificates in PEM"
        ),
        (
          ["--http-certificate", "\(folder)/chain.pem", "--http-private-key", "\(folder)/chain.pem"],
          "http-private-key", "cannot be read as a private key in PEM"
        ),
        (
          ["--http-certificate", "\(folder)/chain.pem", "--http-private-key", "\(folder)/another.pem"],
          "http-private-key", "does not belong to the first certificate of \(folder)/chain.pem"
        ),
      ]
      for (arguments, place, problem) in cases {
        let error = #expect(throws: ConfigurationError.self) { try HTTPListening.limits(configuration(arguments)) }
        #expect(error?.mistakes.map(\.place) == [place])
        #expect(error?.mistakes.first?.problem == problem)
        #expect("\(error.map { "\($0)" } ?? "")".contains("PRIVATE KEY") == false)
      }
    }
  }

  @Test func nonLocalAddressesNeedACertificateOrExplicitPlainHTTP() async throws {
    try await inFolder { folder in
      let listen = ["--http-listen", "0.0.0.0:8080"]
      let bare = try configuration(listen)
      #expect(throws: ConfigurationError.self) { try HTTPListening.address("http-listen", bare) }
      let plain = try HTTPListening.address("http-listen", configuration(listen + ["--plain-http", "true"]))
      #expect(plain.bound(to: 8080) == "http://0.0.0.0:8080")
      let encrypted = try HTTPListening.address(
        "http-listen",
        configuration(
          listen + ["--http-certificate", "\(folder)/chain.pem", "--http-private-key", "\(folder)/key.pem"]))
      #expect(encrypted.bound(to: 8080) == "https://0.0.0.0:8080")
    }
  }

  // Made for this test and used nowhere else: for localhost and 127.0.0.1, until the year 2126.

  private static let chain = """
    -----BEGIN CERTIFICATE-----
    MIIBmjCCAUGgAwIBAgIUBLMeAofQ1yBZMU7V4JRPaILn8zowCgYIKoZIzj0EAwIw
    FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjEzMTM1MFoYDzIxMjYxMDI5
    MTMxMzUwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAATrl25+oSOm0KP3m85zg+At107aVMVougCiwTPU7vF03bebnVo/joJ5
    6zk7v5X7VocR35KpvxiXBnkXd4oH2xK/o28wbTAdBgNVHQ4EFgQUIrb+RyuLRmNp
    EyUHb3JcHomFng0wHwYDVR0jBBgwFoAUIrb+RyuLRmNpEyUHb3JcHomFng0wDwYD
    VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
    zj0EAwIDRwAwRAIgVXec8KQmQJEjSXbEj4f5ErH5QKRWIJOC7nwPLEy/9OkCICpS
    klcfc6kcAgZ38OOvCRcx6v2lwtQJkrBFPoUqgvoS
    -----END CERTIFICATE-----

    """

  private static let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMAVR/QyEkgXfNKol
    dHWyddgMuKuv5FSL+dufop2sC/OhRANCAATrl25+oSOm0KP3m85zg+At107aVMVo
    ugCiwTPU7vF03bebnVo/joJ56zk7v5X7VocR35KpvxiXBnkXd4oH2xK/
    -----END PRIVATE KEY-----

    """

  /// Matches no certificate.
  private static let anotherKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgDqP+/j4ZV6VpYMWS
    s45GN6CioQLiIH5nPdgGUbJEJSehRANCAAQcuR3nLjp0ZDYnITpJ0gBEDPIYDRGK
    iZVgCwTdezJ3XO8F5EQIGgyptBuM0vIPduh/nurEKC3P4ryFgmfH0otX
    -----END PRIVATE KEY-----

    """
}
