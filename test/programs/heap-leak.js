// Truth: every round leakHere keeps one array of 1000 numbers (8016 bytes) in one Kept (a class of its own), and churn makes
// 50 arrays that go again. Usage: heap-leak.js [PAUSE_MS [ROUNDS]]. Prints "ready PID"; without ROUNDS it runs until it is
// ended.
class Kept {
  constructor(numbers) {
    this.numbers = numbers;
  }
}
const kept = [];

function leakHere() {
  kept.push(new Kept(new Array(1000).fill(1.5)));
}

function churn() {
  let sum = 0;
  for (let i = 0; i < 50; i++) sum += new Array(1000).fill(2.5).length;
  return sum;
}

function oneRound() {
  leakHere();
  churn();
}

console.log(`ready ${process.pid}`);
const rounds = Number(process.argv[3] ?? Number.POSITIVE_INFINITY);
const timer = setInterval(
  () => {
    oneRound();
    if (kept.length >= rounds) clearInterval(timer);
  },
  Number(process.argv[2] ?? 5),
);
