// SPDX-License-Identifier: Apache-2.0

import NIOPosix
import ServiceLifecycle

/// Does something again and again while the service runs, on a thread that may block: looking whether files have
/// changed.
package struct ReloadService: Service {
    private let interval: Duration
    private let reload: @Sendable () -> Void

    package init(every interval: Duration, reload: @escaping @Sendable () -> Void) {
        self.interval = interval
        self.reload = reload
    }

    package func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: interval)
                try await NIOThreadPool.singleton.runIfActive { reload() }
            }
        }
    }
}
