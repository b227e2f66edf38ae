// SPDX-License-Identifier: Apache-2.0

import GRDB
import Products

extension StoreUnavailability {
    /// What an error of SQLite or of GRDB means for the callers of the store.
    init(_ error: any Error) {
        if error is CancellationError {
            self = .cancelled
            return
        }
        guard let error = error as? DatabaseError else {
            self = .failed
            return
        }
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
        case .SQLITE_FULL: self = .full
        case .SQLITE_READONLY: self = .readOnly
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt
        case .SQLITE_INTERRUPT, .SQLITE_ABORT: self = .cancelled
        default: self = .failed
        }
    }
}
