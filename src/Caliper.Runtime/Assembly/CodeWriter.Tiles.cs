using Iced.Intel;

namespace Caliper.Assembly;

/// <summary>The instructions of the tile unit (AMX). A tile is one of eight registers of up to 16 rows of 64 bytes.</summary>
internal sealed partial class CodeWriter
{
    /// <summary>How many tiles there are.</summary>
    public const int TileCount = 8;

    /// <summary>The most rows of a tile.</summary>
    public const int TileRows = 16;

    /// <summary>Bytes of a tile's row.</summary>
    public const int TileRowBytes = 64;

    /// <summary>Says how many rows and bytes of a row each tile has, as <see cref="TileShape"/> writes it, and clears all of them.</summary>
    public void ConfigureTiles(Place shape) => Emit(Instruction.Create(Code.VEX_Ldtilecfg_m512, shape.Operand));

    /// <summary>Gives the tiles back: from here on the thread has no state that the system must save.</summary>
    public void ReleaseTiles() => Emit(Instruction.Create(Code.VEX_Tilerelease));

    /// <summary>Rows from memory, so many bytes apart as a register says, times a scale of 1, 2, 4 or 8.</summary>
    public void LoadTile(int tile, Place from, Register rowStride, int scale = 1) =>
        Emit(Instruction.Create(Code.VEX_Tileloadd_tmm_sibmem, Tile(tile), Rows(from, rowStride, scale)));

    /// <summary>Rows to memory.</summary>
    public void StoreTile(Place to, int tile, Register rowStride, int scale = 1) =>
        Emit(Instruction.Create(Code.VEX_Tilestored_sibmem_tmm, Rows(to, rowStride, scale), Tile(tile)));

    /// <summary>Adds to the int32 in row r and column c the products of row r of unsigned bytes with column c of signed ones, of which
    /// each row holds four elements of each of 16 columns. Exact, modulo 2³².</summary>
    public void MultiplyTiles(int sums, int unsignedBytes, int signedBytes) => Emit(
        Instruction.Create(Code.VEX_Tdpbusd_tmm_tmm_tmm, Tile(sums), Tile(unsignedBytes), Tile(signedBytes)));

    private static MemoryOperand Rows(Place place, Register rowStride, int scale) =>
        new(place.Base, rowStride, scale, place.ByteOffset, displSize: place.ByteOffset == 0 ? 0 : 1);

    private static Register Tile(int tile) => Register.TMM0 + tile;
}
