/**
 * The package's entry `secure-chat/office`: the administrator's work as a library. docs/protocol.md §5, §6.
 * @module
 */
export { createDesk, openDesk, type NewDesk } from './desk-opening.ts';
export type { CheckedEnrolment, DeskOffice } from './desk-office.ts';
export type { DeskPlace } from './desk-place.ts';
export type { RootKeyChoice } from './desk-files.ts';
export { attendDesk, type AttendanceOptions, type DeskAttendance } from './desk-attendance.ts';
export type { EnrolmentRequest } from './enrolment-requests.ts';
export { ChatError } from '../errors.ts';
