---------------------------- MODULE handover_span ----------------------------
(***************************************************************************)
(* Companion of handover.tla: what changes if one device set spans several *)
(* source agents (one device each).  The barrier is then distributed, and  *)
(* the dead-man's switch of one agent acts without knowing what its peers  *)
(* do.  DeadManTo says how far an agent may go alone when its lease ends:   *)
(*   "RUN"  straight back to RUNNING (what a single-agent set may do)      *)
(*   "P2P"  only to RUNNING_P2P, and on to RUNNING when every peer has     *)
(*          durably promised never to stop for this generation again       *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets, TLC
CONSTANTS Agents, MaxGen, MaxCrash, DeadManTo, PromiseDurable
VARIABLES dev, goal, gen, given, net, crashes
vars == <<dev, goal, gen, given, net, crashes>>

\* gen[a]   newest generation a has joined          (durable)
\* given[a] highest generation a promised to abandon (durable)
F(k, a, g) == <<k, a, g>>

Init == /\ dev = [a \in Agents |-> "RUN"] /\ goal = [a \in Agents |-> "run"]
        /\ gen = [a \in Agents |-> 0] /\ given = [a \in Agents |-> 0]
        /\ net = {} /\ crashes = 0

\* phase 1 of the barrier, for generation g
Join(a, g) == /\ g > gen[a] /\ g > given[a] /\ goal[a] = "run" /\ dev[a] = "RUN"
              /\ gen' = [gen EXCEPT ![a] = g] /\ goal' = [goal EXCEPT ![a] = "p2p"]
              /\ UNCHANGED <<dev, given, net, crashes>>
ToP2P(a)   == /\ goal[a] = "p2p" /\ dev[a] = "RUN"
              /\ dev' = [dev EXCEPT ![a] = "P2P"]
              /\ net' = net \cup {F("P2P", a, gen[a])}
              /\ UNCHANGED <<goal, gen, given, crashes>>
\* phase 2: the orchestrator holds every agent's P2P acknowledgement
Stop(a, g) == /\ goal[a] = "p2p" /\ gen[a] = g /\ dev[a] = "P2P" /\ given[a] < g
              /\ \A b \in Agents : F("P2P", b, g) \in net
              /\ goal' = [goal EXCEPT ![a] = "stop"] /\ dev' = [dev EXCEPT ![a] = "STOP"]
              /\ UNCHANGED <<gen, given, net, crashes>>
\* the lease ends: promise to abandon the generation, then move back
Lease(a)   == /\ goal[a] # "run" /\ goal' = [goal EXCEPT ![a] = "run"]
              /\ given' = [given EXCEPT ![a] = gen[a]]
              /\ UNCHANGED <<dev, gen, net, crashes>>
Back(a)    == /\ goal[a] = "run" /\ dev[a] = "STOP"
              /\ dev' = [dev EXCEPT ![a] = "P2P"]
              /\ UNCHANGED <<goal, gen, given, net, crashes>>
Tell(a, g) == /\ goal[a] = "run" /\ dev[a] # "STOP"   \* "I am out of STOP and will not return"
              /\ given' = [given EXCEPT ![a] = IF @ < g THEN g ELSE @]
              /\ net' = net \cup {F("Out", a, g)}
              /\ UNCHANGED <<dev, goal, gen, crashes>>
ToRun(a)   == /\ goal[a] = "run" /\ dev[a] = "P2P"
              /\ DeadManTo = "P2P" => \A b \in Agents \ {a} : F("Out", b, gen[a]) \in net
              /\ dev' = [dev EXCEPT ![a] = "RUN"]
              /\ UNCHANGED <<goal, gen, given, net, crashes>>
Crash(a)   == /\ crashes < MaxCrash /\ crashes' = crashes + 1
              /\ goal' = [goal EXCEPT ![a] = "run"]
              /\ given' = [given EXCEPT ![a] = IF ~PromiseDurable THEN 0
                                               ELSE IF goal[a] # "run" THEN gen[a] ELSE @]
              /\ gen' = IF PromiseDurable THEN gen ELSE [gen EXCEPT ![a] = 0]
              /\ UNCHANGED <<dev, net>>

Next == \E a \in Agents :
          \/ ToP2P(a) \/ Lease(a) \/ Back(a) \/ ToRun(a) \/ Crash(a)
          \/ \E g \in 1..MaxGen : Join(a, g) \/ Stop(a, g) \/ Tell(a, g)
Spec == Init /\ [][Next]_vars
Symmetry == Permutations(Agents)
BarrierHolds == ~ \E a, b \in Agents : dev[a] = "STOP" /\ dev[b] = "RUN"
==============================================================================
