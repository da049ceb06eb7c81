// SPDX-License-Identifier: Apache-2.0
//
// How results are printed.
import ArgumentParser

/// The forms of a result.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable { case table, json, csv }
