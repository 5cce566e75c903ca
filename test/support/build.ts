// The production build, once for all end-to-end tests that run it.
import { execFileSync } from 'node:child_process';
import { packageRoot } from '../../schema/sources.ts';

export default function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], {
    cwd: packageRoot,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
}
