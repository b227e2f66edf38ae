// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Opens connections on threads that may block: for the name service, for the password's file, and for a server that does
/// not answer. As many at once as the pool asks for, so that one that hangs holds up no others. Thread-safe.
struct Connector: Sendable {
    private let configuration: PostgresConfiguration
    private let parameters: [ConnectionParameter]
    private let queue = DispatchQueue(label: "postgres.connect", attributes: .concurrent)

    init(_ configuration: PostgresConfiguration) {
        self.configuration = configuration
        parameters = configuration.connectionParameters
    }

    func connect(id: Int, _ report: @escaping @Sendable (Result<PostgresConnection, PostgresError>) -> Void) {
        queue.async {
            do throws(PostgresError) {
                report(.success(try PostgresConnection(id: id, parameters: try parametersWithPassword())))
            } catch {
                report(.failure(error))
            }
        }
    }

    private func parametersWithPassword() throws(PostgresError) -> [ConnectionParameter] {
        guard let password = configuration.password else { return parameters }
        do {
            let value = try password()
            return parameters.filter { $0.keyword != "password" }
                + [ConnectionParameter(keyword: "password", value: value)]
        } catch {
            throw PostgresError(
                .connectionFailed, message: "no password: \(error)", isRetriable: true)
        }
    }
}
