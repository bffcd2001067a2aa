import Testing

@testable import PostgreSQL

@Suite struct PostgresConfigurationTests {
  @Test(
    arguments: [
      ("host=db.example.org", "verify-full"), ("postgresql://user:pw@db.example.org/desk", "verify-full"),
      ("host=db.example.org sslmode=require", "require"), ("host=127.example.org", "verify-full"),
      ("host=/run/postgresql", nil), ("host=127.0.0.1", nil), ("host=localhost", nil), ("host=::1", nil),
      ("host=localhost,db.example.org", "verify-full"), ("host=localhost hostaddr=192.0.2.1", "verify-full"),
    ] as [(String, String?)])
  func remoteHostsAreVerifiedByDefault(text: String, mode: String?) throws {
    #expect(try PostgresConfiguration(text).completeParameters()["sslmode"] == mode)
  }

  @Test(
    arguments: [
      ("host=db.example.org", true), ("host=/run/postgresql", true), ("host=127.0.0.1 sslmode=disable", true),
      ("host=db.example.org sslmode=disable", false), ("host=db.example.org sslmode=prefer", false),
      ("host=db.example.org sslmode=require", false), ("host=db.example.org sslmode=verify-ca", false),
      ("host=localhost,db.example.org sslmode=disable", false),
      ("host=localhost hostaddr=192.0.2.1 sslmode=disable", false),
      // libpq splits hosts by bytes: a combining mark after the comma does not hide it.
      ("host=/run/postgresql,\u{301}db.example.org sslmode=disable", false),
    ] as [(String, Bool)])
  func onlyVerifiedOrLocalServersArePrivate(text: String, isPrivate: Bool) throws {
    #expect(try PostgresConfiguration(text).isPrivate == isPrivate)
  }

  @Test func connectionSettingsAreSentAndExplicitOnesWin() throws {
    var configuration = try PostgresConfiguration("host=/tmp options='-c lock_timeout=1' tcp_user_timeout=7")
    configuration.statementTimeout = .seconds(2)
    configuration.applicationName = "router"
    let parameters = configuration.completeParameters()
    #expect(parameters["options"]?.contains("statement_timeout=2000") == true)
    #expect(parameters["options"]?.hasSuffix("-c lock_timeout=1") == true)
    #expect(parameters["tcp_user_timeout"] == "7")
    #expect(parameters["keepalives_idle"] == "10")
    #expect(parameters["application_name"] == "router")
    #expect(parameters["client_encoding"] == "UTF8")
  }

  @Test func anAttemptBeginsBehindTheHostsThatWerePassedOver() throws {
    var configuration = try PostgresConfiguration("host=a,b,c hostaddr=192.0.2.1,192.0.2.2,192.0.2.3 port=5433")
    var orders: [[String?]] = []
    for _ in 0..<4 {
      let parameters = configuration.completeParameters()
      orders.append([parameters["host"], parameters["hostaddr"], parameters["port"]])
      configuration.passOver()
    }
    #expect(
      orders == [
        ["a,b,c", "192.0.2.1,192.0.2.2,192.0.2.3", "5433"], ["b,c,a", "192.0.2.2,192.0.2.3,192.0.2.1", "5433"],
        ["c,a,b", "192.0.2.3,192.0.2.1,192.0.2.2", "5433"], ["a,b,c", "192.0.2.1,192.0.2.2,192.0.2.3", "5433"],
      ])
    configuration.stay()
    #expect(configuration.completeParameters()["host"] == "b,c,a")
  }

  @Test func aHostTakesItsShareOnceAndThenTheWholeTime() throws {
    var configuration = try PostgresConfiguration("host=a,b,c")
    var timeouts: [Duration] = []
    for _ in 0..<4 {
      timeouts.append(configuration.attemptTimeout)
      configuration.passOver()
    }
    #expect(timeouts == [.seconds(2), .seconds(2), .seconds(2), .seconds(5)])
    configuration.connectTimeout = .seconds(1)
    configuration.stay()
    #expect(configuration.attemptTimeout == .seconds(1))
    #expect(try PostgresConfiguration("host=a").attemptTimeout == .seconds(5))
  }

  @Test func twoSilentHostsLeaveTimeForTheThird() {
    #expect(PostgresLimits.hostTimeout * 2 < PostgresPoolLimits().waitTimeout)
  }

  @Test(
    arguments: [
      ("host=a,b,c port=5432", ["a port 5432", "b port 5432", "c port 5432"]),
      ("host=a,b port=5433,5434", ["a port 5433", "b port 5434"]),
      ("postgresql://a:1,b:2/desk", ["a port 1", "b port 2"]),
      ("host=a,b hostaddr=192.0.2.1,192.0.2.2 port=1", ["a port 1", "b port 1"]),
      ("host=/run/postgresql port=1", ["/run/postgresql port 1"]), ("dbname=desk", ["local socket port 5432"]),
    ] as [(String, [String])])
  func aListOfHostsIsSplit(text: String, servers: [String]) throws {
    let found = try PostgresConfiguration(text).servers.map(\.endpoint)
    #expect(found.map { $0.replacing(#/ database.*/#, with: "") } == servers)
  }

  @Test func invalidTextIsRefusedWithoutQuotingIt() {
    let error = #expect(throws: PostgresError.self) { try PostgresConfiguration("password=hunter2 nonsense") }
    #expect(error?.code == .configuration)
    #expect(error.map { "\($0)".contains("hunter2") || "\($0)".contains("nonsense") } == false)
  }

  @Test(
    arguments: [
      ("host=a port=99999", "1 to 65535"), ("host=a port=0", "1 to 65535"), ("host=a,b port=5432,x", "1 to 65535"),
      ("host=a,b port=1,2,3", "3 ports for 2 hosts"), ("host=a,b hostaddr=127.0.0.1", "2 values of host and 1"),
    ])
  func listsThatCannotBeUsedAreRefusedAtOnce(text: String, problem: String) {
    let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(text) }
    #expect(error?.code == .configuration)
    #expect(error.map { "\($0)".contains(problem) } == true)
  }

  @Test(arguments: ["host=a,b port=5432", "host=a,b port=1,2", "host=a,b port=1,", "port=5433", "dbname=x"])
  func listsThatLibpqTakesAreTaken(text: String) throws { _ = try PostgresConfiguration(text) }

  @Test func theEndpointOmitsThePassword() throws {
    let configuration = try PostgresConfiguration("postgresql://me:hunter2@db.example.org:5433/desk")
    #expect(configuration.endpoint == "db.example.org port 5433 database desk")
    #expect(configuration.database("other").endpoint.hasSuffix("other"))
  }
}
