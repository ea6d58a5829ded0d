using Iced.Intel;

namespace Caliper.Testing.Simulator;

/// <summary>A block of code in memory, decoded where and when it is first run; how often each instruction was run is counted.</summary>
internal sealed class SimulatedCode(ulong start, byte[] bytes)
{
    private readonly int[] _indexAt = [.. Enumerable.Repeat(-1, bytes.Length)];
    private readonly List<(Instruction Instruction, Execute Run)> _decoded = [];
    private readonly List<long> _counts = [];

    /// <summary>How often each kind of instruction was run.</summary>
    public IEnumerable<(Mnemonic Mnemonic, long Count)> Counts => _decoded.Select((d, i) => (d.Instruction.Mnemonic, _counts[i]));

    /// <summary>Runs until control returns to an address.</summary>
    public void Run(SimulatedProcessor processor, ulong end)
    {
        while (processor.Next != end)
        {
            var index = IndexOf(processor.Next);
            var (instruction, run) = _decoded[index];
            _counts[index]++;
            processor.Next = instruction.NextIP;
            try
            {
                run(processor, instruction);
            }
            catch (SimulationException error)
            {
                throw new SimulationException($"At byte {instruction.IP - start}, '{instruction}': {error.Message}");
            }
        }
    }

    private int IndexOf(ulong address)
    {
        if (address < start || address >= start + (ulong)bytes.Length) throw new SimulationException("Leaves the code.");
        ref var index = ref _indexAt[(int)(address - start)];
        if (index >= 0) return index;
        var reader = new ByteArrayCodeReader(bytes) { Position = (int)(address - start) };
        var instruction = Decoder.Create(64, reader, address).Decode();
        index = _decoded.Count;
        _decoded.Add((instruction, InstructionTable.Find(instruction)));
        _counts.Add(0);
        return index;
    }
}
