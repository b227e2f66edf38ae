// SPDX-License-Identifier: Apache-2.0

import Edge
import HTTPTypes
import Products
import StrictJSON

extension Problem {
    /// The problem document of a domain error.
    init(_ error: ProductError) {
        switch error {
        case .invalid(let problems):
            self.init(
                status: .badRequest, type: "invalid-input", title: "Invalid input",
                detail: "The request breaks the rules listed in errors.")
            extend("errors") { json in json.write(problems) }
        case .notFound:
            self = .notFound
        case .alreadyExists:
            self.init(status: .conflict, type: "already-exists", title: "Already exists", detail: "The id is taken.")
        case .conditionFailed:
            self.init(
                status: .preconditionFailed, type: "condition-failed", title: "Condition failed",
                detail: "The product is not as the request's conditions require: read it again.")
        case .idempotencyKeyReused:
            self.init(
                status: .unprocessableContent, type: "idempotency-key-reused", title: "Idempotency key reused",
                detail: "The Idempotency-Key was used for another product: send a new one.")
        case .idempotencyKeyInUse:
            self.init(
                status: .conflict, type: "idempotency-key-in-use", title: "Idempotency key in use",
                detail: "A request with this Idempotency-Key is still being worked on: send it again later.",
                headers: [.retryAfter: "1"])
        case .unavailable(.outcomeUnknown):
            self.init(
                status: .serviceUnavailable, type: "outcome-unknown", title: "Outcome unknown",
                detail:
                    "The change may have been made or not: read the product, or send the request to create one again with the same Idempotency-Key.",
                headers: [.retryAfter: "1"])
        case .unavailable:
            self.init(
                status: .serviceUnavailable, type: "store-unavailable", title: "Store unavailable",
                detail: "The products cannot be reached at the moment: send the request again later.",
                headers: [.retryAfter: "1"])
        }
    }

    static var notFound: Problem {
        Problem(
            status: .notFound, type: "product-not-found", title: "Product not found", detail: "No product has this id.")
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ problems: [FieldProblem]) {
        array { json in
            for problem in problems {
                json.object { json in
                    json.name("pointer")
                    json.string(problem.pointer)
                    json.name("detail")
                    json.string(problem.detail)
                }
            }
        }
    }
}
