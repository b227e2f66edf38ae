// SPDX-License-Identifier: Apache-2.0

package import Hummingbird
package import Products

/// What the handlers know of a request beside the request itself.
package struct ProductRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Who calls.
    package var caller = Caller.anonymous

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}
