using System.Runtime.InteropServices;
using Iced.Intel;

namespace Caliper.Testing.Simulator;

/// <summary>The instructions of the tile unit.</summary>
internal static class TileInstructions
{
    public static IEnumerable<KnownInstruction> All =>
    [
        new(Code.VEX_Ldtilecfg_m512, (p, in i) => p.Tiles.Configure(p.Memory.Read(p.Address(i), 64))),
        new(Code.VEX_Tilerelease, (p, in i) => p.Tiles.Release()),
        new(Code.VEX_Tileloadd_tmm_sibmem, Load),
        new(Code.VEX_Tilestored_sibmem_tmm, Store),
        new(Code.VEX_Tdpbusd_tmm_tmm_tmm, Multiply),
    ];

    private static void Load(SimulatedProcessor processor, in Instruction instruction)
    {
        var (tiles, tile) = (processor.Tiles, instruction.Op0Register.GetNumber());
        for (var row = 0; row < tiles.Rows(tile); row++)
            processor.Memory.Read(RowAddress(processor, instruction, row), tiles.RowBytes(tile)).CopyTo(tiles.Row(tile, row));
    }

    private static void Store(SimulatedProcessor processor, in Instruction instruction)
    {
        var (tiles, tile) = (processor.Tiles, instruction.Op1Register.GetNumber());
        for (var row = 0; row < tiles.Rows(tile); row++)
            tiles.Row(tile, row).CopyTo(processor.Memory.Write(RowAddress(processor, instruction, row), tiles.RowBytes(tile)));
    }

    // The index register says how far apart rows are; without one they are all the same.
    private static ulong RowAddress(SimulatedProcessor processor, in Instruction instruction, int row)
    {
        var stride = instruction.MemoryIndex is Register.None ? 0 : processor.General(instruction.MemoryIndex) * instruction.MemoryIndexScale;
        return (ulong)(processor.General(instruction.MemoryBase) + (long)instruction.MemoryDisplacement64 + row * stride);
    }

    private static void Multiply(SimulatedProcessor processor, in Instruction instruction)
    {
        var tiles = processor.Tiles;
        var (sums, left, right) = (instruction.Op0Register.GetNumber(), instruction.Op1Register.GetNumber(), instruction.Op2Register.GetNumber());
        if (tiles.Rows(sums) != tiles.Rows(left) || tiles.RowBytes(sums) != tiles.RowBytes(right) || tiles.RowBytes(left) != 4 * tiles.Rows(right))
            throw new SimulationException($"The tiles of '{instruction}' do not fit each other.");
        if (sums == left || sums == right || left == right) throw new SimulationException($"The tiles of '{instruction}' must differ.");
        for (var row = 0; row < tiles.Rows(sums); row++)
        {
            var to = MemoryMarshal.Cast<byte, int>(tiles.Row(sums, row));
            var unsignedBytes = MemoryMarshal.Cast<byte, int>(tiles.Row(left, row));
            for (var quad = 0; quad < unsignedBytes.Length; quad++)
            {
                var signedBytes = MemoryMarshal.Cast<byte, int>(tiles.Row(right, quad));
                for (var column = 0; column < to.Length; column++)
                    to[column] = LaneInstructions.AddProducts(to[column], unsignedBytes[quad], signedBytes[column]);
            }
        }
    }
}
