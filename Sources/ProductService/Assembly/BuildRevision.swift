// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Which revision of the sources the service was built from.
enum BuildRevision {
    /// As whoever runs it says in `BUILD_REVISION`; `unknown` when nobody does.
    static var current: String {
        let revision = ProcessInfo.processInfo.environment["BUILD_REVISION"] ?? ""
        return revision.isEmpty ? "unknown" : String(revision.prefix(64))
    }
}
