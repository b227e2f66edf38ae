// SPDX-License-Identifier: Apache-2.0

import Edge
package import Hummingbird
package import Products

/// What the handlers know of a request beside the request itself.
package struct ProductRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Who calls.
    package var caller: Caller

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        caller = ExchangeScope.current?.principal.map { Caller(subject: $0.subject) } ?? .anonymous
    }
}
