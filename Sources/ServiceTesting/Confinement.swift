// SPDX-License-Identifier: Apache-2.0

/// Commands to run a process under, with less than the tests themselves may do. They need user namespaces.
package enum Confinement {
    /// As a user without any privilege, for whom permissions of files count, also when the tests run as root. The files
    /// of whoever runs the tests are its own.
    package static let ordinaryUser = ["unshare", "--user", "--map-user=65532", "--map-group=65532"]

    /// As the first process of a namespace of its own.
    package static let firstProcess = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"]

    /// With a file system of its own at `path`, of the size given as `mount` reads it.
    package static func smallDisk(at path: String, size: String) -> [String] {
        let script = "mount -t tmpfs -o size=\(size) none '\(path)' && exec \"$@\""
        return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]
    }
}
