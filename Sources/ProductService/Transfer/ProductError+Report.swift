// SPDX-License-Identifier: Apache-2.0

import Products

extension ProductError {
    /// What a person at the terminal is told when the store fails a command.
    var report: String {
        switch self {
        case .unavailable(.busy):
            "the database is in use or overloaded; wait for who holds it, or stop it, and run this again"
        case .unavailable(let reason): "\(reason.rawValue); put that right and run this again"
        default: "\(self)"
        }
    }
}
