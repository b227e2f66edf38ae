// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TraceContext

/// Keeps the spans of a test.
final class RecordingSink: SpanSink {
    private let recorded = Mutex<[FinishedSpan]>([])

    var spans: [FinishedSpan] { recorded.withLock { $0 } }

    func record(_ span: FinishedSpan) { recorded.withLock { $0.append(span) } }
}
