// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Opens connections, each on a thread of its own, which may block: for the name service, for the password's file, and
/// for a server that does not answer. As many at once as the pool asks for, so that one that hangs holds up no others;
/// and not on queues of Dispatch, whose threads Swift's tasks run on. Thread-safe.
struct Connector: Sendable {
    private let configuration: PostgresConfiguration
    private let parameters: [ConnectionParameter]

    init(_ configuration: PostgresConfiguration) {
        self.configuration = configuration
        parameters = configuration.connectionParameters
    }

    func connect(id: Int, _ report: @escaping @Sendable (Result<PostgresConnection, PostgresError>) -> Void) {
        let thread = Thread {
            Thread.current.name = "postgres.open"
            do throws(PostgresError) {
                report(.success(try PostgresConnection(id: id, parameters: try parametersWithPassword())))
            } catch {
                report(.failure(error))
            }
        }
        thread.start()
    }

    private func parametersWithPassword() throws(PostgresError) -> [ConnectionParameter] {
        guard let password = configuration.password else { return parameters }
        do {
            let value = try password()
            return parameters.filter { $0.keyword != "password" }
                + [ConnectionParameter(keyword: "password", value: value)]
        } catch {
            throw PostgresError(.connectionFailed, message: "no password: \(error)", isRetriable: true)
        }
    }
}
