package dev.ringzero.engine;

import java.util.Optional;

/**
 * What a vCPU has done so far.
 *
 * @param instructions guest instructions retired; -1 where the engine cannot count them
 * @param interpreted instructions that were interpreted; -1 where unknown
 * @param tlbMisses accesses that needed a page walk; -1 where unknown
 * @param walkReferences table entries read by page walks, both dimensions; -1 where unknown
 * @param blocksDecoded blocks of guest code decoded; -1 where unknown
 * @param comparedTranslations addresses whose cached translations were compared with the page
 *     tables; -1 where none are
 * @param translation what the translator did; empty where none is at work
 */
public record CpuStatistics(
    long instructions,
    long interpreted,
    long tlbMisses,
    long walkReferences,
    long blocksDecoded,
    long comparedTranslations,
    Optional<TranslationStatistics> translation) {}
