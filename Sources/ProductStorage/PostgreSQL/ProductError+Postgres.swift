// SPDX-License-Identifier: Apache-2.0

import Postgres
import Products

extension ProductError {
    /// What an error of the client or the server means for the callers of the store.
    ///
    /// - Parameter id: The product that the statement was about, if it was about one.
    init(_ error: PostgresError, about id: ProductID?) {
        switch error.constraint {
        case "products_pkey": if let id { self = .alreadyExists(id) } else { self = .unavailable(.failed) }
        case "products_name": self = .refused("/name")
        case "products_description": self = .refused("/description")
        case "products_price": self = .refused("/price")
        default: self = .unavailable(StoreUnavailability(error))
        }
    }

    /// The database's own rules say no where ours said yes: they are one rule in two places.
    private static func refused(_ pointer: String) -> ProductError {
        .invalid([FieldProblem(pointer: pointer, detail: "is not a value that can be kept")])
    }
}

extension StoreUnavailability {
    init(_ error: PostgresError) {
        self =
            switch error.code {
            case .poolExhausted: .busy
            case .outcomeUnknown: .outcomeUnknown
            case .timedOut: .timedOut
            case .cancelled: .cancelled
            case .schema: .tooNew
            case .server: Self.server(error.sqlState)
            case .connectionFailed, .connectionLost, .closed: .unreachable
            default: .failed
            }
    }

    private static func server(_ state: SQLState?) -> StoreUnavailability {
        switch state {
        case .serializationFailure, .deadlockDetected, .lockNotAvailable, .tooManyConnections: .busy
        case .queryCanceled: .timedOut
        case .readOnlyTransaction: .readOnly
        case .diskFull: .full
        default: state.map { $0.description.hasPrefix("57P") } == true ? .unreachable : .failed
        }
    }
}
