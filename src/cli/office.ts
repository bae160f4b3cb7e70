/**
 * The package's entry `secure-chat/office`: the administrator's work as a library. docs/protocol.md §5, §6.
 * @module
 */
export { createDesk, openDesk, type CheckedEnrolment, type DeskOffice, type DeskPlace } from './desk-office.ts';
export { attendDesk, type AttendanceOptions, type DeskAttendance, type EnrolmentRequest } from './desk-attendance.ts';
export { ChatError } from '../errors.ts';
