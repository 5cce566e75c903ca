// Prints the closing line from vitest's JSON report. No report, or no test in it, is a failure.
import fs from 'node:fs';

const text = fs.readFileSync(process.argv[2], 'utf8');
if (text === '') throw new Error('the test run left no report');
const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(text);
// a file that cannot be loaded counts as one failure: it holds no tests that could be counted
const broken = testResults.filter(file => file.status === 'failed' && file.assertionResults.length === 0).length;
const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
console.log(`${numPassedTests} passed, ${numFailedTests + broken} failed${skipped}`);
if (numPassedTests === 0) process.exit(1);
