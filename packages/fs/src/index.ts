export { createBackend } from './create-backend.js';
export type { Durability, FsBackendOptions, StoreLayout } from './fs-backend-options.js';
export type { FsBackend, RestoreResult } from './fs-backend.js';
export { doctor } from './doctor/doctor.js';
export type { DoctorFinding, DoctorOptions, DoctorReport } from './doctor/doctor-report.js';
export type { DoctorFindingCode, DoctorSeverity } from './doctor/finding-kinds.js';
