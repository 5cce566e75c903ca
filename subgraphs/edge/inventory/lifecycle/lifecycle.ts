// The lifecycle of a region's hosts, wired: commands and reports, and the runner of the jobs that they begin.

import { type JobRunner, type JobRunnerDeps, runJobs } from './job-runner.ts';
import { type LifecycleDeps, type LifecycleService, lifecycleService } from './lifecycle-service.ts';

export interface OpenLifecycle {
  readonly service: LifecycleService;
  readonly runner: JobRunner;
  stop(): Promise<void>;
}

export function openLifecycle(deps: Omit<LifecycleDeps, 'wake'> & Omit<JobRunnerDeps, 'lifecycle'>): OpenLifecycle {
  const service = lifecycleService({ ...deps, wake: () => void runner.turn() });
  const runner = runJobs({ ...deps, lifecycle: service });
  return { service, runner, stop: () => runner.stop() };
}
