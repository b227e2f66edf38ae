// SPDX-License-Identifier: Apache-2.0

/// JSON pointers (RFC 6901).
package enum JSONPointer {
    private static let maximumLength = 100

    /// The pointer to a member of the outermost object, whose name is cut short when it is very long.
    package static func toMember(_ name: String) -> String {
        "/" + String(name.prefix(maximumLength)).replacing("~", with: "~0").replacing("/", with: "~1")
    }
}
