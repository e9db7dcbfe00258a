// ---- replay: a recorded animal in place of a network: its path, and its spikes as they fall ----

class ReplayBrain {}
function introduceRecording() {}
