import HTTPService
import HTTPTypes
import Store

extension ConsoleEndpoint: DescribedRoute {
  /// The description of the endpoint. Its problems include those of its path, query and body.
  var operation: OpenAPIOperation {
    let inPath = OpenAPIParameter.inPaths.filter { path.contains("{\($0.name)}") }
    var problems = problems
    if !inPath.isEmpty { problems.insert(.malformedPath) }
    let isChecked = (inPath + parameters).contains { $0.place == .query || $0.name == "customer" }
    if body != nil || (isChecked && failurePages.isEmpty) { problems.insert(.invalidRequest) }
    return OpenAPIOperation(
      name.rawValue, method, path, summary: summary,
      description: access + (mayUseReplica ? DataAge.description : ""),
      isPublic: isPublic, parameters: inPath + parameters,
      body: body.map { OpenAPIRequestBody([.json($0)], isRequired: !bodyIsOptional) }, responses: responses,
      problems: problems, untypedProblems: inPath.isEmpty && !canBeMissing ? [] : [.notFound])
  }

  private var access: String {
    isPublic
      ? "No key and no session is needed." : "Roles: \(roles.map(\.rawValue).sorted().joined(separator: ", "))."
  }

  private var responses: [OpenAPIResponse] {
    if !failurePages.isEmpty {
      let page = OpenAPIContent(answerType, .string)
      return [OpenAPIResponse(.seeOther, summary, page)]
        + failurePages.map { OpenAPIResponse($0, "A page that says what to do.", page) }
    }
    let content = answer.map { OpenAPIContent.json($0) } ?? OpenAPIContent(answerType, .string)
    let done = OpenAPIResponse(.ok, summary, content)
    if method == .post, answer == "Intent" {
      return [OpenAPIResponse(.accepted, "The intent was written; `Location` says where to follow it.", content)]
    }
    if name == .consult { return [done, OpenAPIResponse(.created, "The consult was asked.", content)] }
    return answer == "Written" ? [done, OpenAPIResponse(.created, "The message was written.", content)] : [done]
  }
}
