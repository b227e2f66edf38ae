// SPDX-License-Identifier: Apache-2.0

package import Edge
package import Hummingbird
package import Logging

/// Turns whatever goes wrong behind it into a problem document.
///
/// An error that nothing has mapped is a 500 that says nothing; the log has its type. A path of `routes` with a method
/// that it does not answer is a 405 with `Allow`.
package struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    private let routes: [RouteTemplate]
    private let logger: Logger

    package init(routes: [RouteTemplate], logger: Logger) {
        self.routes = routes
        self.logger = logger
    }

    package func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let problem as Problem {
            response = problem.response(toRequestFor: request.uri.path)
        } catch let error as any HTTPResponseError {
            response = self.response(for: error.status, to: request)
        } catch {
            // Of work that was cancelled, as its client is gone or its time is up, nobody waits for the outcome.
            if !Task.isCancelled {
                logger.error("a request failed", metadata: ["error.type": "\(type(of: error))"])
            }
            response = self.response(for: .internalServerError, to: request)
        }
        // The router answers a HEAD that it knows without a body, but not one that goes wrong.
        if request.method == .head { response = response.createHeadResponse() }
        return response
    }

    private func response(for status: HTTPResponse.Status, to request: Request) -> Response {
        problem(for: status, at: request.uri.path).response(toRequestFor: request.uri.path)
    }

    private func problem(for status: HTTPResponse.Status, at path: String) -> Problem {
        switch status {
        case .notFound:
            guard let route = routes.first(where: { $0.matches(path: path) }) else {
                return .nothingHere
            }
            let detail = "This path answers \(route.allow)."
            return Problem(status: .methodNotAllowed, detail: detail, headers: [.allow: route.allow])
        case .contentTooLarge:
            return Problem(status: .contentTooLarge, detail: "The request's body is too long.")
        case .internalServerError:
            return Problem(status: .internalServerError, detail: "The service failed to answer. Its log says why.")
        default:
            return Problem(status: status, detail: "The request cannot be answered: \(status.reasonPhrase).")
        }
    }
}
