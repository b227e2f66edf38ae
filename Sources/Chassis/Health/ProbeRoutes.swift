// SPDX-License-Identifier: Apache-2.0

package import Edge
package import Hummingbird
import StrictJSON

/// The probes over HTTP: `/startupz`, `/livez` and `/readyz`, each also with the name of a check behind it.
///
/// 200 with the text `ok`, or 503 with a problem document that lists the failing checks; those that are not required
/// fail no probe but their own. `?verbose` lists every check
/// as text; `?exclude=name`, which may stand several times, leaves checks out.
package struct ProbeRoutes: Sendable {
    private let health: Health

    package init(health: Health) { self.health = health }

    /// The templates and methods of the routes.
    package static let routes = Probe.allCases.flatMap { probe in
        ["/\(probe.rawValue)", "/\(probe.rawValue)/{check}"].map {
            RouteTemplate($0, methods: [.get, .head], access: .anyone, purpose: .operation)
        }
    }

    package func add(to router: Router<some RequestContext>) {
        for probe in Probe.allCases {
            router.get("\(probe.rawValue)") { request, _ in try await response(to: request, of: probe) }
            router.get("\(probe.rawValue)/:check") { _, context in
                let name = try context.parameters.require("check")
                guard let outcome = await health.outcome(of: name, in: probe) else {
                    throw Problem(status: .notFound, detail: "This probe has no check of that name.")
                }
                return try Self.response(for: [outcome])
            }
        }
    }

    private func response(to request: Request, of probe: Probe) async throws -> Response {
        let parameters: QueryParameters
        do {
            parameters = try QueryParameters(request.uri.query)
        } catch {
            throw Problem(status: .badRequest, detail: "The query is not validly percent-encoded UTF-8.")
        }
        let outcomes = await health.outcomes(of: probe, excluding: Set(parameters.all("exclude")))
        if parameters.names.contains("verbose") { return Self.list(outcomes, of: probe) }
        return try Self.response(for: outcomes.filter(\.isRequired))
    }

    /// Throws a ``Problem`` of status 503 when one fails.
    private static func response(for outcomes: [Health.Outcome]) throws -> Response {
        let failing = outcomes.filter { !$0.isHealthy }
        if failing.isEmpty { return .plainText("ok") }
        var problem = Problem(status: .serviceUnavailable, detail: "Some checks fail; the log says why.")
        problem.extend("checks") { json in
            json.array { json in
                for outcome in failing { json.string(outcome.name) }
            }
        }
        throw problem
    }

    private static func list(_ outcomes: [Health.Outcome], of probe: Probe) -> Response {
        let isHealthy = outcomes.allSatisfy { $0.isHealthy || !$0.isRequired }
        var text = ""
        for outcome in outcomes {
            let kind = outcome.isRequired ? "failed" : "failed, not required"
            text += outcome.isHealthy ? "[+]\(outcome.name) ok\n" : "[-]\(outcome.name) \(kind): reason withheld\n"
        }
        text += "\(probe.rawValue) check \(isHealthy ? "passed" : "failed")\n"
        return .plainText(text, status: isHealthy ? .ok : .serviceUnavailable)
    }
}
