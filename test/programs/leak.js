// Truth: every round leakHere keeps one array of 1000 numbers, 8016 bytes, and churn makes 50 that go again.
// Usage: leak.js ROUNDS. Prints "ready PID".
const kept = [];

function leakHere() {
  kept.push(new Array(1000).fill(1.5));
}

function churn() {
  let sum = 0;
  for (let i = 0; i < 50; i++) sum += new Array(1000).fill(2.5).length;
  return sum;
}

console.log(`ready ${process.pid}`);
for (let round = 0; round < Number(process.argv[2]); round++) {
  leakHere();
  churn();
}
console.log(kept.length);
