// SPDX-License-Identifier: Apache-2.0

import Chassis
import Foundation
import Logging
import Synchronization

/// Reads the settings again when their file has changed. A file that is wrong changes nothing. Thread-safe.
struct SettingsReload: Sendable {
    private let source: ProductServiceConfiguration.Source
    private let apply: @Sendable (ProductServiceConfiguration) -> Void
    private let last: LastContent

    private final class LastContent: Sendable {
        let content: Mutex<Data?>
        init(_ content: Data?) { self.content = Mutex(content) }
    }

    /// - Parameter apply: Takes over what may change while the service runs.
    init(
        _ source: ProductServiceConfiguration.Source,
        apply: @escaping @Sendable (ProductServiceConfiguration) -> Void
    ) {
        self.source = source
        self.apply = apply
        last = LastContent(source.filePath.flatMap(FileManager.default.contents))
    }

    /// Blocks for as long as reading takes.
    func reload(logger: Logger) {
        guard let path = source.filePath else { return }
        let content = FileManager.default.contents(atPath: path)
        let isNew = last.content.withLock { last in
            defer { last = content }
            return last != content
        }
        guard isNew else { return }
        do {
            apply(try ProductServiceConfiguration(source))
            logger.notice(
                "the file of settings was read again; what it says of other than RATE_LIMIT_MODE needs a new start")
        } catch {
            let problems = error.problems.map(\.description).joined(separator: "; ")
            logger.error("the file of settings is wrong, and changes nothing", metadata: ["problems": "\(problems)"])
        }
    }
}
