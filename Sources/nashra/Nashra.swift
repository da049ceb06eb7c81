// SPDX-License-Identifier: Apache-2.0
//
// The program. Everything it does is in NashraCommands.
import NashraCommands

@main struct Nashra {
    static func main() { NashraCommand.runAndExit() }
}
